//! A store in memory, for tests and for applications that bring their own experiments.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lotwise_core::{Fault, Snapshot, Sticky};
use sha2::{Digest, Sha256};

use super::{Answers, Decided, Document, Error, ExperimentRef, Exposure, Question, Store};

/// Assignments in memory, on a published document. What is not in it (an experiment that is no longer
/// published, say) is unknown here.
#[derive(Debug)]
pub struct MemoryStore(Mutex<State>);

#[derive(Debug)]
struct State {
    snapshot: Arc<Snapshot>,
    bytes: Arc<[u8]>,
    sha256: [u8; 32],
    /// Variant key by experiment id, by user key.
    given: BTreeMap<String, BTreeMap<String, String>>,
    exposures: Vec<Exposure>,
}

impl MemoryStore {
    /// An empty store on a snapshot document.
    pub fn new(document: &[u8]) -> Result<Self, Fault> {
        let snapshot = Arc::new(Snapshot::load(document)?);
        Ok(Self(Mutex::new(State {
            snapshot,
            bytes: document.into(),
            sha256: Sha256::digest(document).into(),
            given: BTreeMap::new(),
            exposures: Vec::new(),
        })))
    }

    /// Goes on with another document. What users were given stays.
    pub fn replace(&self, document: &[u8]) -> Result<(), Fault> {
        let snapshot = Arc::new(Snapshot::load(document)?);
        let mut state = self.lock();
        state.snapshot = snapshot;
        state.bytes = document.into();
        state.sha256 = Sha256::digest(document).into();
        Ok(())
    }

    /// Takes out the exposures that it was to keep.
    pub fn take_exposures(&self) -> Vec<Exposure> {
        std::mem::take(&mut self.lock().exposures)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn assign<'a>(
        &'a self,
        which: &'a ExperimentRef,
        questions: &'a [Question],
        records: bool,
    ) -> Answers<'a> {
        let answers = self.lock().assign(which, questions, records);
        Box::pin(async { answers })
    }
}

impl State {
    fn assign(
        &mut self,
        which: &ExperimentRef,
        questions: &[Question],
        records: bool,
    ) -> Result<Vec<Decided>, Error> {
        let key = self.key(which).ok_or(Error::UnknownExperiment)?;
        let document = Document::of(&self.snapshot, &self.bytes, self.sha256, &key);
        let document = document.ok_or(Error::UnknownExperiment)?;
        let decided: Vec<Decided> = questions.iter().map(|it| self.decide(&document, it)).collect();
        if records {
            self.exposures.extend(decided.iter().filter_map(|it| it.exposure.clone()));
        }
        Ok(decided)
    }

    fn key(&self, which: &ExperimentRef) -> Option<String> {
        let snapshot = &self.snapshot;
        match which {
            ExperimentRef::Key { environment, key } => {
                (environment == snapshot.environment()).then(|| key.clone())
            }
            ExperimentRef::Id(id) => {
                let id = id.to_string();
                let experiment = snapshot.experiments().find(|it| snapshot.experiment_id(*it) == id)?;
                Some(snapshot.experiment_key(experiment).to_owned())
            }
        }
    }

    fn decide(&mut self, document: &Document, question: &Question) -> Decided {
        let given = self.given.entry(question.user_key().to_owned()).or_default();
        let counts = |(id, variant): (&String, &String)| {
            document.members().get(id).map(|key| (key.clone(), variant.clone()))
        };
        let sticky: Sticky = given.iter().filter_map(counts).collect();
        let decided = document.decide(question, &sticky);
        if let (true, Some(variant)) = (decided.is_new, &decided.assignment.variant) {
            given.insert(document.id().to_owned(), variant.key.clone());
        }
        decided
    }
}
