//! Snapshots.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use core::cell::Cell;

use lotwise_core::{Scratch, SubjectState, push_experiment};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::subject::Subject;

/// What the subjects of a snapshot share: memory to decide in grows with it, and one is enough.
pub(crate) struct Held {
    pub(crate) snapshot: lotwise_core::Snapshot,
    pub(crate) scratch: Cell<Scratch>,
}

/// A loaded snapshot. Experiments go by their position in key order.
#[wasm_bindgen]
pub struct Snapshot(Rc<Held>);

#[wasm_bindgen]
impl Snapshot {
    /// Loads the binary form, which the caller knows by its digest. Undefined when it is refused.
    pub fn load(binary: &[u8]) -> Option<Snapshot> {
        lotwise_core::Snapshot::from_trusted_binary(binary).ok().map(Self::from)
    }

    /// The environment's name.
    pub fn environment(&self) -> String {
        self.0.snapshot.environment().into()
    }

    /// The version. Versions beyond 2^53, of which there are none, would be rounded.
    #[expect(clippy::cast_precision_loss, reason = "it would take a version per second for ages")]
    pub fn version(&self) -> f64 {
        self.0.snapshot.version() as f64
    }

    /// Whether some of it takes the larger build.
    pub fn wants_full(&self) -> bool {
        self.0.snapshot.wants_regex()
    }

    /// How many experiments there are.
    pub fn count(&self) -> usize {
        self.0.snapshot.len()
    }

    /// The position of the experiment of a key in UTF-8; that behind the last when there is none.
    pub fn find(&self, key: &[u8]) -> usize {
        let experiment = core::str::from_utf8(key).ok().and_then(|key| self.0.snapshot.experiment(key));
        experiment.map_or(self.0.snapshot.len(), |experiment| self.0.snapshot.experiment_position(experiment))
    }

    /// JSON: the experiments from position `start` up to `end`, each with all its variants.
    pub fn describe(&self, start: usize, end: usize) -> String {
        let mut json = String::from("[");
        for experiment in (start..end).map_while(|position| self.0.snapshot.experiment_at(position)) {
            if json.len() > 1 {
                json.push(',');
            }
            push_experiment(&mut json, &self.0.snapshot, experiment);
        }
        json.push(']');
        json
    }

    /// What an experiment's decision depends on: the number of attributes, their positions, and then
    /// the positions of experiments whose sticky state counts.
    pub fn reads(&self, experiment: usize) -> Box<[usize]> {
        let snapshot = &self.0.snapshot;
        let reads = snapshot.experiment_at(experiment).map(|experiment| snapshot.reads(experiment));
        let reads = reads.unwrap_or_default();
        let experiments = reads.experiments.iter().map(|it| snapshot.experiment_position(*it));
        [reads.attributes.len()].into_iter().chain(reads.attributes).chain(experiments).collect()
    }

    /// The name of the attribute at a position of [`Self::reads`].
    pub fn attribute(&self, position: usize) -> String {
        self.0.snapshot.attributes().nth(position).unwrap_or_default().into()
    }

    /// Starts on a subject in the encoding of [`SubjectState`]. Undefined when it is none.
    pub fn subject(&self, subject: &[u8]) -> Option<Subject> {
        Subject::new(&self.0, SubjectState::from_binary(subject)?)
    }
}

impl From<lotwise_core::Snapshot> for Snapshot {
    fn from(snapshot: lotwise_core::Snapshot) -> Self {
        Self(Rc::new(Held { snapshot, scratch: Cell::default() }))
    }
}
