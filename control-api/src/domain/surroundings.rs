//! What an experiment is checked against: the rest of its environment, as far as that was read.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::group::Group;
use super::prerequisite::Prerequisite;
use super::segment::Segments;
use super::status::Status;

/// The rest of the environment. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// All segments. Read with every experiment, because what they ask for is part of its document.
    pub segments: Arc<Segments>,
    /// Other experiments and groups. Read for changes only.
    pub others: Arc<Others>,
}

/// What a change may refer to.
#[derive(Clone, Debug, Default)]
pub struct Others {
    /// By key, those that need others or are needed, and those that the change mentions.
    pub experiments: BTreeMap<String, Other>,
    /// By key, those that the change mentions.
    pub groups: BTreeMap<String, Group>,
}

/// What has to be known of another experiment.
#[derive(Clone, Debug)]
pub struct Other {
    /// Where it stands in its life.
    pub status: Status,
    /// Whether pages get it.
    pub client_side: bool,
    /// The keys of its variants.
    pub variants: Vec<String>,
    /// What it needs itself.
    pub prerequisites: Vec<Prerequisite>,
}

impl Others {
    /// The keys of experiments that are not archived and need the one of this key.
    pub fn that_need<'a>(&'a self, key: &str) -> impl Iterator<Item = (&'a str, &'a Other)> {
        let needs = move |other: &Other| {
            other.status != Status::Archived && other.prerequisites.iter().any(|it| it.experiment == key)
        };
        let others = self.experiments.iter().map(|(key, other)| (key.as_str(), other));
        others.filter(move |(_, other)| needs(other))
    }
}
