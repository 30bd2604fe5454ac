//! Snapshots.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;

use lotwise_core::{ExperimentId, SubjectState, push_experiment};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::subject::Subject;

/// A loaded snapshot. Experiments go by their position in key order.
#[wasm_bindgen]
pub struct Snapshot(pub(crate) Rc<lotwise_core::Snapshot>);

#[wasm_bindgen]
impl Snapshot {
    /// Loads the binary form, which the caller knows by its digest. Undefined when it is refused.
    pub fn load(binary: &[u8]) -> Option<Snapshot> {
        Some(Self(Rc::new(lotwise_core::Snapshot::from_trusted_binary(binary).ok()?)))
    }

    /// The environment's name.
    pub fn environment(&self) -> String {
        self.0.environment().into()
    }

    /// The version. Versions beyond 2^53, of which there are none, would be rounded.
    #[expect(clippy::cast_precision_loss, reason = "it would take a version per second for ages")]
    pub fn version(&self) -> f64 {
        self.0.version() as f64
    }

    /// Whether some of it takes the larger build.
    pub fn wants_full(&self) -> bool {
        self.0.wants_regex()
    }

    /// How many experiments there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The position of the experiment of a key in UTF-8; that behind the last when there is none.
    pub fn find(&self, key: &[u8]) -> usize {
        let experiment = core::str::from_utf8(key).ok().and_then(|key| self.0.experiment(key));
        experiment.map_or(self.0.len(), |experiment| self.0.experiment_position(experiment))
    }

    /// JSON: the experiments from position `start` up to `end`, each with all its variants.
    pub fn describe(&self, start: usize, end: usize) -> String {
        let mut json = String::from("[");
        for experiment in self.0.experiments().skip(start).take(end.saturating_sub(start)) {
            if json.len() > 1 {
                json.push(',');
            }
            push_experiment(&mut json, &self.0, experiment);
        }
        json.push(']');
        json
    }

    /// What an experiment's decision depends on: the number of attributes, their positions, and then
    /// the positions of experiments whose sticky state counts.
    pub fn reads(&self, experiment: usize) -> Box<[usize]> {
        let reads = self.at(experiment).map(|experiment| self.0.reads(experiment)).unwrap_or_default();
        let experiments = reads.experiments.iter().map(|it| self.0.experiment_position(*it));
        [reads.attributes.len()].into_iter().chain(reads.attributes).chain(experiments).collect()
    }

    /// The name of the attribute at a position of [`Self::reads`].
    pub fn attribute(&self, position: usize) -> String {
        self.0.attributes().nth(position).unwrap_or_default().into()
    }

    /// Starts on a subject in the encoding of [`SubjectState`]. Undefined when it is none.
    pub fn subject(&self, subject: &[u8]) -> Option<Subject> {
        Subject::new(&self.0, SubjectState::from_binary(subject)?)
    }

    pub(crate) fn at(&self, position: usize) -> Option<ExperimentId> {
        self.0.experiments().nth(position)
    }
}
