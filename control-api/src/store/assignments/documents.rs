//! Documents at hand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use crate::domain::assignment::Document;
use crate::domain::experiment::ExperimentRef;

/// More experiments than this are not asked for by turns.
const MAX_HELD: usize = 4096;

/// A document and the state of the rows that it was made from.
#[derive(Debug)]
pub struct Compiled {
    /// The document.
    pub document: Document,
    /// Ids of the experiments whose sticky state counts.
    pub(super) members: Vec<Uuid>,
    pub(super) environment_id: Uuid,
    pub(super) revision: i64,
}

/// What this process has compiled. Whether it still is what the rows say, the revision tells.
#[derive(Clone, Debug, Default)]
pub(in crate::store) struct Documents(Arc<Mutex<HashMap<ExperimentRef, Arc<Compiled>>>>);

impl Documents {
    pub(super) fn get(&self, which: &ExperimentRef) -> Option<Arc<Compiled>> {
        self.lock().get(which).cloned()
    }

    pub(super) fn put(&self, which: &ExperimentRef, held: &Arc<Compiled>) {
        let mut documents = self.lock();
        if documents.len() >= MAX_HELD && !documents.contains_key(which) {
            documents.clear();
        }
        documents.insert(which.clone(), Arc::clone(held));
    }

    pub(super) fn forget(&self, which: &ExperimentRef) {
        self.lock().remove(which);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<ExperimentRef, Arc<Compiled>>> {
        // Every change is one call: whoever panicked left nothing half-done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
