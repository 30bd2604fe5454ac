//! Prerequisites: what other experiments must have given first.

use std::collections::{BTreeMap, BTreeSet};

use lotwise_core::Fault;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::experiment::Experiment;
use super::status::Status;
use super::surroundings::Other;

/// How many experiments a chain of prerequisites may lead through.
const MAX_CHAIN: usize = 32;

/// "That experiment must have given one of these variants."
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Prerequisite {
    /// The key of an experiment of the same environment.
    pub experiment: String,
    /// Keys of its variants; one of them must have been given.
    pub variants: Vec<String>,
}

/// What is wrong with the prerequisites of an experiment, seen from its surroundings.
pub(super) fn faults(experiment: &Experiment) -> Vec<Fault> {
    let others = &experiment.surroundings.others.experiments;
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, prerequisite) in experiment.prerequisites.iter().enumerate() {
        let at = format!("/prerequisites/{index}");
        if !seen.insert(&prerequisite.experiment) {
            let detail = "This experiment is listed already; list all variants in one place.";
            push(&mut faults, format!("{at}/experiment"), "duplicate", detail);
        }
        if prerequisite.variants.is_empty() {
            let detail = "Name the variants that count; with none, nobody would ever get in.";
            push(&mut faults, format!("{at}/variants"), "empty", detail);
        }
        if prerequisite.experiment == experiment.key {
            push(&mut faults, format!("{at}/experiment"), "endless_prerequisites", "It cannot need itself.");
            continue;
        }
        match others.get(&prerequisite.experiment) {
            None => {
                let detail = "The environment has no experiment of this key.";
                push(&mut faults, format!("{at}/experiment"), "unknown_experiment", detail);
            }
            Some(other) => other_faults(experiment, prerequisite, other, &at, &mut faults),
        }
    }
    if faults.is_empty() && !is_grounded(experiment, others) {
        let detail = format!("These lead back to the experiment, or through over {MAX_CHAIN} others.");
        push(&mut faults, "/prerequisites".to_owned(), "endless_prerequisites", &detail);
    }
    faults
}

fn other_faults(
    experiment: &Experiment,
    prerequisite: &Prerequisite,
    other: &Other,
    at: &str,
    faults: &mut Vec<Fault>,
) {
    if other.status == Status::Archived {
        let detail = "That experiment is ARCHIVED and gives nothing to anybody.";
        push(faults, format!("{at}/experiment"), "archived_experiment", detail);
    }
    if experiment.client_side && !other.client_side {
        let detail = "Pages get this experiment and not the one it needs, so that nobody would get in \
                      there, and the key would be shown: make that one clientSide too.";
        push(faults, format!("{at}/experiment"), "not_client_side", detail);
    }
    for (index, variant) in prerequisite.variants.iter().enumerate() {
        let place = || format!("{at}/variants/{index}");
        if !other.variants.contains(variant) {
            push(faults, place(), "unknown_variant", "That experiment has no variant of this key.");
        }
        if prerequisite.variants.iter().take(index).any(|earlier| earlier == variant) {
            push(faults, place(), "duplicate", "This variant is listed already.");
        }
    }
}

/// Whether no chain through the experiment comes back to it or is too long.
fn is_grounded(experiment: &Experiment, others: &BTreeMap<String, Other>) -> bool {
    if experiment.prerequisites.is_empty() {
        return true;
    }
    let below = |key: &str| -> Vec<&str> {
        let listed = match others.get(key) {
            _ if key == experiment.key => &experiment.prerequisites,
            Some(other) => &other.prerequisites,
            None => return Vec::new(),
        };
        listed.iter().map(|needed| needed.experiment.as_str()).collect()
    };
    let above = |key: &str| -> Vec<&str> {
        let needs = |(_, other): &(&String, &Other)| {
            other.status != Status::Archived && other.prerequisites.iter().any(|it| it.experiment == key)
        };
        others.iter().filter(needs).map(|(key, _)| key.as_str()).filter(|it| *it != experiment.key).collect()
    };
    match (steps(&experiment.key, below), steps(&experiment.key, above)) {
        (Some(down), Some(up)) => down + up <= MAX_CHAIN,
        _ => false,
    }
}

/// How many steps the longest way from `start` has; none: over the limit, or it comes back to `start`.
/// Level by level: whatever is reached at a level is reached over that many steps.
fn steps<'a>(start: &'a str, next: impl Fn(&str) -> Vec<&'a str>) -> Option<usize> {
    let mut level: BTreeSet<&str> = [start].into();
    for count in 0..=MAX_CHAIN {
        let further: BTreeSet<&str> = level.iter().flat_map(|key| next(key)).collect();
        if further.is_empty() {
            return Some(count);
        }
        if further.contains(start) {
            return None;
        }
        level = further;
    }
    None
}

fn push(faults: &mut Vec<Fault>, pointer: String, code: &'static str, detail: &str) {
    faults.push(Fault { pointer, code, detail: detail.to_owned() });
}
