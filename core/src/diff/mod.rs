//! Two snapshots compared: what a publish would change, before it is done.
//!
//! [`diff`] counts buckets, exactly and without anybody at hand; [`SubjectsDiff`] counts real subjects
//! through everything that decides.

mod buckets;
mod compare;
mod confirmation;
mod fields;
mod layers;
mod published;
mod reach;
mod subjects;
mod tally;

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

pub use buckets::{BucketMove, BucketsDiff};
pub use compare::diff;
pub use confirmation::confirmation;
pub use layers::LayerDiff;
pub use published::Published;
pub(crate) use published::{last, members};
pub use reach::affected;
pub use subjects::{
    Counting, ExperimentSubjects, Experiments, SegmentSubjects, SubjectCounts, SubjectMove, SubjectsDiff,
};
pub use tally::Tally;

/// What becomes of an experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It was not there before.
    Added,
    /// It is not there any more: whoever was in it is out.
    Removed,
    /// Something about it, or about a segment it leads to, is different.
    Changed,
    /// It is the same, but depends on one that is not.
    Unchanged,
}

/// The difference of two snapshots.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diff {
    /// Whether anybody is moved from a variant to another or out, or drawn again, by what happens to
    /// buckets. Targeting, rules and prerequisites are not told in buckets.
    pub moves_users: bool,
    /// How many experiments are new.
    pub added: usize,
    /// How many are gone.
    pub removed: usize,
    /// How many differ.
    pub changed: usize,
    /// How many are the same.
    pub unchanged: usize,
    /// The segments that are new, gone or different, by name.
    pub segments: Vec<String>,
    /// In key order: all that differ, and those that depend on one that does.
    pub experiments: Vec<ExperimentDiff>,
}

/// What becomes of one experiment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExperimentDiff {
    /// Its key.
    pub experiment_key: String,
    /// What happens to it.
    pub change: Change,
    /// Whether users who are in it are put into another variant or out, or drawn again: by its own
    /// buckets, its group, a holdout, or because it is gone.
    pub moves_users: bool,
    /// Whether its users are drawn again, wholly or at a gate.
    pub rerandomised: bool,
    /// What draws them again: `salt`, `hash`, `bucket_by`, `group`, `holdouts`.
    pub rerandomised_by: Vec<&'static str>,
    /// The fields that differ, named and ordered as in the document; besides, in the place of
    /// `variants`, `payloads` where a variant hands out something else, and `segments` where one that it
    /// leads to differs. Empty when it is new or gone.
    pub fields: Vec<&'static str>,
    /// Its own buckets. When they are drawn again, all that were in traffic leave and all that are to be
    /// enter.
    pub buckets: BucketsDiff,
    /// Its group, if what that lets pass differs.
    pub group: Option<LayerDiff>,
    /// The holdouts whose passing differs.
    pub holdouts: Vec<LayerDiff>,
    /// The prerequisites that differ, directly or through others.
    pub depends_on: Vec<String>,
}
