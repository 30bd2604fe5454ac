//! Snapshots: what is evaluated. Checked, indexed, immutable.

mod binary;
#[cfg(feature = "json")]
mod builder;
#[cfg(feature = "json")]
mod check;
#[cfg(feature = "json")]
mod hasher;
mod index;
#[cfg(feature = "json")]
mod read;
mod reads;
mod references;
mod relevant;
mod tables;

use alloc::boxed::Box;
use alloc::vec::Vec;

pub use binary::{BINARY_FORMAT, MAX_BINARY_BYTES, SubjectState};
#[cfg(feature = "json")]
pub use check::check;
pub use reads::Reads;
#[cfg(feature = "preview")]
pub(crate) use tables::Segment;
pub(crate) use tables::{
    Bucketing, Experiment, Extras, Layer, Outcome, Prerequisite, Rows, Span, Status, Support, Tables,
};

use crate::fault::Fault;
use index::KeyIndex;

/// A loaded document or binary form, ready to decide.
#[derive(Debug)]
pub struct Snapshot {
    pub(crate) tables: Tables,
    index: KeyIndex,
    environment: Box<str>,
    version: u64,
    published_at: Box<str>,
    /// Whether builds without regular expressions refuse all of it.
    requires_regex: bool,
    faults: Vec<Fault>,
}

/// An experiment of one snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExperimentId(pub(crate) u32);

impl Snapshot {
    #[cfg(feature = "json")]
    /// Loads a published document.
    ///
    /// An experiment that this reader does not understand is kept and never assigned; see
    /// [`Self::faults`].
    ///
    /// # Errors
    ///
    /// A document that has to be refused as a whole: not JSON, over 32 MiB, an unknown
    /// `schema_version` or `requires`, a missing or mistyped `environment`, `version`,
    /// `published_at` or `experiments`, an experiment without a key, or a key that stands twice.
    pub fn load(document: &[u8]) -> Result<Self, Fault> {
        read::load(document)
    }

    /// The environment it was published for.
    pub fn environment(&self) -> &str {
        &self.environment
    }

    /// Its version in that environment.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// When it was published, RFC 3339.
    pub fn published_at(&self) -> &str {
        &self.published_at
    }

    /// Why experiments are unsupported, if any are; pointers into the document. The binary form does
    /// not carry them, only which experiments are.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Whether some of it takes a build with regular expressions.
    pub fn wants_regex(&self) -> bool {
        self.requires_regex || self.tables.experiments.iter().any(|row| row.support == Support::Regex)
    }

    /// How many experiments there are.
    pub fn len(&self) -> usize {
        self.tables.experiments.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.tables.experiments.is_empty()
    }

    /// All experiments, in key order.
    pub fn experiments(&self) -> impl ExactSizeIterator<Item = ExperimentId> + use<> {
        (0..self.tables.experiments.len() as u32).map(ExperimentId)
    }

    /// The experiment at a position of [`Self::experiments`].
    pub fn experiment_at(&self, position: usize) -> Option<ExperimentId> {
        // A document holds fewer experiments than fit 32 bits.
        (position < self.len()).then_some(ExperimentId(position as u32))
    }

    /// The position of an experiment among [`Self::experiments`].
    pub fn experiment_position(&self, experiment: ExperimentId) -> usize {
        experiment.0 as usize
    }

    /// The experiment of this key.
    pub fn experiment(&self, key: &str) -> Option<ExperimentId> {
        self.index.find(&self.tables, key).map(ExperimentId)
    }

    /// An experiment's key. Empty for an id of another snapshot.
    pub fn experiment_key(&self, experiment: ExperimentId) -> &str {
        self.tables.experiment(experiment.0).map_or("", |row| self.tables.text(row.key))
    }

    /// An experiment's stable identifier. Empty for an id of another snapshot.
    pub fn experiment_id(&self, experiment: ExperimentId) -> &str {
        self.tables.experiment(experiment.0).map_or("", |row| self.tables.text(row.id))
    }

    /// Whether hosts remember what this experiment assigns.
    pub fn is_sticky(&self, experiment: ExperimentId) -> bool {
        self.tables.experiment(experiment.0).is_some_and(|row| row.sticky)
    }

    /// The attributes that conditions and `bucket_by` look at, each once; the first is `user_key`.
    pub fn attributes(&self) -> impl ExactSizeIterator<Item = &str> {
        self.tables.attributes.iter().map(crate::targeting::Attribute::name)
    }
}
