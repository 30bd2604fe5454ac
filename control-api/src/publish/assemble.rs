//! A document of which one part is new and the rest stands as it was published, byte for byte.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use lotwise_core::document::{SCHEMA_VERSION, SnapshotDocument};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::domain::document::REGEX;
use crate::domain::refusal::Refusal;

/// A published document whose parts stay text. A member that is not known here is refused: it would
/// get lost.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Present<'d> {
    schema_version: u64,
    #[serde(borrow)]
    environment: Cow<'d, str>,
    #[serde(rename = "version")]
    _version: u64,
    #[serde(borrow, rename = "published_at")]
    _published_at: Cow<'d, str>,
    #[serde(borrow, default)]
    segments: BTreeMap<String, &'d RawValue>,
    #[serde(borrow)]
    experiments: Vec<&'d RawValue>,
    #[serde(default)]
    requires: Vec<String>,
    #[serde(rename = "features", default)]
    _features: Vec<String>,
}

/// What has to be known of a published experiment to put it beside others.
#[derive(Deserialize)]
struct Outline {
    key: String,
    #[serde(default)]
    targeting_rules: Vec<Rule>,
    #[serde(default)]
    rules: Vec<Rule>,
    group: Option<Layer>,
    #[serde(default)]
    requires: Vec<String>,
}

#[derive(Deserialize)]
struct Rule {
    conditions: Vec<Condition>,
}

#[derive(Deserialize)]
struct Condition {
    operator: String,
    value: Option<Box<RawValue>>,
}

#[derive(Clone, Deserialize, PartialEq, Eq)]
struct Layer {
    key: String,
    salt: String,
    ranges: Vec<Range>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
struct Range {
    range_start: u16,
    range_end: u16,
}

/// A document in the published form; version and time are set last.
#[derive(Serialize)]
pub(super) struct Assembled {
    schema_version: u64,
    environment: String,
    pub(super) version: u64,
    pub(super) published_at: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    segments: BTreeMap<String, Box<RawValue>>,
    experiments: Vec<Box<RawValue>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    requires: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    features: Vec<String>,
}

/// The document `new`, which holds only experiments whose keys are in `listed`, and beside it every
/// other experiment of the published document `present`, unchanged.
///
/// # Errors
///
/// `segment_shared` or `group_shared` where what is listed cannot change without what is not;
/// `version_unreadable` for a present document of a later release.
pub(super) fn assemble(
    present: &[u8],
    new: &SnapshotDocument,
    listed: &BTreeSet<String>,
) -> Result<Assembled, Refusal> {
    let present: Present<'_> = serde_json::from_slice(present).map_err(|_| unreadable())?;
    if present.schema_version != SCHEMA_VERSION {
        return Err(unreadable());
    }
    let mut members: BTreeMap<String, (Outline, Box<RawValue>, bool)> = BTreeMap::new();
    for raw in &present.experiments {
        let outline: Outline = serde_json::from_str(raw.get()).map_err(|_| unreadable())?;
        if !listed.contains(&outline.key) {
            members.insert(outline.key.clone(), (outline, (*raw).to_owned(), false));
        }
    }
    for experiment in &new.experiments {
        let raw = to_raw_value(experiment).map_err(unwritable)?;
        let outline: Outline = serde_json::from_str(raw.get()).map_err(unwritable)?;
        members.insert(outline.key.clone(), (outline, raw, true));
    }
    let mut segments = kept_segments(&present, members.values())?;
    for (name, rules) in &new.segments {
        let rules = to_raw_value(rules).map_err(unwritable)?;
        if segments.get(name).is_some_and(|kept| kept.get() != rules.get()) {
            return Err(segment_shared(name));
        }
        segments.insert(name.clone(), rules);
    }
    require_groups_apart(members.values())?;
    let needs_regex = |outline: &Outline| outline.requires.iter().any(|it| it == REGEX);
    let features = members.values().any(|(outline, ..)| needs_regex(outline));
    Ok(Assembled {
        schema_version: SCHEMA_VERSION,
        environment: present.environment.into_owned(),
        version: 0,
        published_at: String::new(),
        segments,
        experiments: members.into_values().map(|(_, raw, _)| raw).collect(),
        requires: present.requires,
        features: if features { vec![REGEX.to_owned()] } else { Vec::new() },
    })
}

/// The segments of the present document that its remaining experiments lead to.
fn kept_segments<'m>(
    present: &Present<'_>,
    members: impl Iterator<Item = &'m (Outline, Box<RawValue>, bool)>,
) -> Result<BTreeMap<String, Box<RawValue>>, Refusal> {
    let kept = members.filter(|(.., is_new)| !is_new);
    let mut open: Vec<String> = kept
        .flat_map(|(outline, ..)| outline.targeting_rules.iter().chain(&outline.rules))
        .flat_map(named_by)
        .collect();
    let mut segments = BTreeMap::new();
    while let Some(name) = open.pop() {
        let Some(raw) = present.segments.get(&name).filter(|_| !segments.contains_key(&name)) else {
            continue;
        };
        let rules: Vec<Rule> = serde_json::from_str(raw.get()).map_err(|_| unreadable())?;
        open.extend(rules.iter().flat_map(named_by));
        segments.insert(name, (*raw).to_owned());
    }
    Ok(segments)
}

/// The segments that a rule's conditions ask for.
fn named_by(rule: &Rule) -> Vec<String> {
    let asks = |it: &&Condition| matches!(it.operator.as_str(), "inSegment" | "notInSegment");
    let name = |it: &Condition| it.value.as_ref().and_then(|value| serde_json::from_str(value.get()).ok());
    rule.conditions.iter().filter(asks).filter_map(name).collect()
}

/// Refuses where a new member of a group and one that stays would both admit a user: a slice that was
/// given from the one to the other. Two that own everything are of a group that goes by who came first.
fn require_groups_apart<'m>(
    members: impl Iterator<Item = &'m (Outline, Box<RawValue>, bool)> + Clone,
) -> Result<(), Refusal> {
    let with_group =
        members.filter_map(|(outline, _, is_new)| Some((outline, outline.group.as_ref()?, *is_new)));
    for (new, group, _) in with_group.clone().filter(|(.., is_new)| *is_new) {
        let kept = with_group.clone().filter(|(_, other, is_new)| !is_new && other.key == group.key);
        for (other, layer, _) in kept {
            let is_first = group.owns_everything() && layer.owns_everything();
            if layer.salt != group.salt || (layer.overlaps(group) && !is_first) {
                return Err(group_shared(&group.key, &new.key, &other.key));
            }
        }
    }
    Ok(())
}

impl Layer {
    fn owns_everything(&self) -> bool {
        matches!(self.ranges.as_slice(), [Range { range_start: 0, range_end: 9999 }])
    }

    fn overlaps(&self, other: &Self) -> bool {
        let meet = |a: &Range, b: &Range| a.range_start <= b.range_end && b.range_start <= a.range_end;
        self.ranges.iter().any(|a| other.ranges.iter().any(|b| meet(a, b)))
    }
}

fn segment_shared(name: &str) -> Refusal {
    let detail = format!(
        "The segment {name} changed, and experiments that are not in `only` lead to it too: it cannot \
         be published for some of them. Add those experiments, or publish all."
    );
    Refusal::conflict("segment_shared", detail)
}

fn group_shared(group: &str, new: &str, other: &str) -> Refusal {
    let detail = format!(
        "In the group {group} the buckets of {new} overlap those that {other} was published with: \
         users would be in both. Add {other} to `only`, or publish all."
    );
    Refusal::conflict("group_shared", detail)
}

fn unreadable() -> Refusal {
    let detail = "The present version was published by a later release, which has to add to it.";
    Refusal::conflict("version_unreadable", detail)
}

/// Cannot happen: keys are strings and raw values are JSON. Should it, nothing is published.
#[allow(clippy::needless_pass_by_value)] // For `map_err`.
fn unwritable(error: serde_json::Error) -> Refusal {
    Refusal::conflict("snapshot_unwritable", error.to_string())
}
