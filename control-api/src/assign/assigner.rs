//! Assigning.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Assignment, Decided, Error, ExperimentRef, ExposureSink, Question, Store};
use crate::domain::key::is_key;

/// Decides for users and keeps it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Assigner {
    store: Arc<dyn Store>,
    sink: Option<Arc<dyn ExposureSink>>,
    environment: Option<Arc<str>>,
}

impl Assigner {
    /// An assigner whose store keeps exposures too, each with its assignment.
    pub fn new(store: impl Store) -> Self {
        Self { store: Arc::new(store), sink: None, environment: None }
    }

    /// An assigner that hands exposures to a sink, after their assignments have been kept.
    pub fn with_sink(store: impl Store, sink: impl ExposureSink) -> Self {
        Self { sink: Some(Arc::new(sink)), ..Self::new(store) }
    }

    /// The same assigner, for which a key alone names an experiment of this environment.
    pub fn in_environment(self, name: &str) -> Self {
        Self { environment: Some(name.into()), ..self }
    }

    /// The experiment that a text names: an id, `environment:key`, or a key of the assigner's environment.
    pub fn experiment(&self, name: &str) -> Option<ExperimentRef> {
        ExperimentRef::parse(name).or_else(|| {
            let environment = self.environment.as_deref().filter(|_| is_key(name))?;
            Some(ExperimentRef::Key { environment: environment.to_owned(), key: name.to_owned() })
        })
    }

    /// Decides an experiment for one user, and keeps it.
    pub async fn assign(&self, which: &ExperimentRef, question: Question) -> Result<Assignment, Error> {
        let assignments = self.assign_all(which, &[question]).await?;
        assignments.into_iter().next().ok_or_else(|| Error::Internal("a store without an answer".to_owned()))
    }

    /// Decides an experiment for any number of users; the assignments stand in the order of the questions.
    /// Who is asked about twice is decided twice, the second time as one who is in already.
    pub async fn assign_all(
        &self,
        which: &ExperimentRef,
        questions: &[Question],
    ) -> Result<Vec<Assignment>, Error> {
        let mut assignments: Vec<Option<Assignment>> = vec![None; questions.len()];
        let mut open: Vec<usize> = (0..questions.len()).collect();
        while !open.is_empty() {
            let mut seen = HashSet::new();
            let (round, later): (Vec<usize>, Vec<usize>) =
                open.into_iter().partition(|&place| seen.insert(questions[place].user_key()));
            let asked: Vec<Question> = round.iter().map(|&place| questions[place].clone()).collect();
            for (place, assignment) in round.into_iter().zip(self.ask(which, &asked).await?) {
                assignments[place] = Some(assignment);
            }
            open = later;
        }
        let whole: Option<Vec<Assignment>> = assignments.into_iter().collect();
        whole.ok_or_else(|| Error::Internal("a store with too few answers".to_owned()))
    }

    async fn ask(&self, which: &ExperimentRef, questions: &[Question]) -> Result<Vec<Assignment>, Error> {
        let decided = self.store.assign(which, questions, self.sink.is_none()).await?;
        let mut exposures = Vec::new();
        let keep = |it: Decided| {
            exposures.extend(it.exposure);
            it.assignment
        };
        let assignments = decided.into_iter().map(keep).collect();
        if let Some(sink) = &self.sink
            && !exposures.is_empty()
        {
            sink.record(exposures).await?;
        }
        Ok(assignments)
    }
}
