//! What a cached store remembers.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ExperimentRef;
use crate::store::assignments::Compiled;

/// Documents, and who is in what.
#[derive(Debug)]
pub(super) struct Cache(Mutex<State>);

#[derive(Debug)]
struct State {
    /// Whether changes are heard of: without that nothing here can be trusted.
    is_live: bool,
    /// Counts whatever was heard: what was read before it may be out of date.
    heard: u64,
    documents: HashMap<ExperimentRef, Arc<Compiled>>,
    /// Variant key by experiment id and user key. Those never change.
    users: Recent<(String, String), String>,
}

impl Cache {
    /// An empty cache for so many users.
    pub(super) fn new(users: usize) -> Self {
        Self(Mutex::new(State {
            is_live: false,
            heard: 0,
            documents: HashMap::new(),
            users: Recent::new(users),
        }))
    }

    /// Forgets everything, and says whether changes are heard of from now on.
    pub(super) fn start_over(&self, is_live: bool) {
        let mut state = self.lock();
        state.is_live = is_live;
        state.heard += 1;
        state.documents.clear();
        state.users.clear();
    }

    /// Forgets all documents: something changed.
    pub(super) fn hear(&self) {
        let mut state = self.lock();
        state.heard += 1;
        state.documents.clear();
    }

    /// Whether changes are heard of.
    pub(super) fn is_live(&self) -> bool {
        self.lock().is_live
    }

    /// How much was heard so far, to be given to [`Self::put`].
    pub(super) fn heard(&self) -> u64 {
        self.lock().heard
    }

    /// The document and the variants of these users, if all of that is at hand.
    pub(super) fn get<'u>(
        &self,
        which: &ExperimentRef,
        user_keys: impl Iterator<Item = &'u str>,
    ) -> Option<(Arc<Compiled>, Vec<String>)> {
        let mut state = self.lock();
        if !state.is_live {
            return None;
        }
        let compiled = Arc::clone(state.documents.get(which)?);
        let id = compiled.document.id().to_owned();
        let variants = user_keys.map(|user_key| state.users.get(&(id.clone(), user_key.to_owned())).cloned());
        let variants = variants.collect::<Option<Vec<String>>>()?;
        Some((compiled, variants))
    }

    /// Remembers what was read after `heard`, unless something was heard since.
    pub(super) fn put(
        &self,
        heard: u64,
        which: &ExperimentRef,
        compiled: &Arc<Compiled>,
        users: impl Iterator<Item = (String, String)>,
    ) {
        let mut state = self.lock();
        if !state.is_live || state.heard != heard {
            return;
        }
        if state.documents.len() >= MAX_DOCUMENTS {
            state.documents.clear();
        }
        state.documents.insert(which.clone(), Arc::clone(compiled));
        for (user_key, variant) in users {
            state.users.insert((compiled.document.id().to_owned(), user_key), variant);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// More experiments than this are not asked for by turns.
const MAX_DOCUMENTS: usize = 4096;

/// A map that holds at most so many entries: those that were asked for lately.
#[derive(Debug)]
struct Recent<K, V> {
    capacity: usize,
    young: HashMap<K, V>,
    /// Once the young are half of what there may be, they become the old, and the old are forgotten.
    old: HashMap<K, V>,
}

impl<K: Eq + Hash, V> Recent<K, V> {
    fn new(capacity: usize) -> Self {
        Self { capacity, young: HashMap::new(), old: HashMap::new() }
    }

    fn get(&mut self, key: &K) -> Option<&V> {
        if let Some((key, value)) = self.old.remove_entry(key) {
            self.insert(key, value);
        }
        self.young.get(key)
    }

    fn insert(&mut self, key: K, value: V) {
        if self.young.len() >= self.capacity.div_ceil(2) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let mut recent = Recent::new(4);
        recent.insert(0, "asked for");
        for number in 1..100 {
            recent.insert(number, "");
            assert_eq!(recent.get(&0), Some(&"asked for"), "after {number}");
            assert!(recent.young.len() + recent.old.len() <= 4);
        }
        assert_eq!(recent.get(&1), None);
    }
}
