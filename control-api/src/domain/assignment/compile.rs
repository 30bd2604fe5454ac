//! The document that one experiment is decided on.

use std::collections::{BTreeMap, BTreeSet};

use lotwise_core::document::{
    ConditionDocument, ExperimentDocument, SCHEMA_VERSION, SnapshotDocument, TargetingRule, VariantDocument,
};
use serde_json::value::RawValue;

use crate::domain::document::REGEX;

/// When every such document says it was published: equal content has equal bytes, and so one digest.
const PUBLISHED_AT: &str = "2000-01-01T00:00:00Z";

/// The document of the experiment `root`, with what its decision leads to: the experiments that it depends
/// on, the other members of all their groups, and segments. Of those members only the fact that they are
/// there counts, so nothing else of them is kept. `experiments` and `segments` may hold more than that.
pub fn compile(
    environment: &str,
    root: &str,
    experiments: Vec<ExperimentDocument>,
    segments: &BTreeMap<String, Vec<TargetingRule>>,
) -> SnapshotDocument {
    let mut by_key: BTreeMap<String, ExperimentDocument> =
        experiments.into_iter().map(|it| (it.key.clone(), it)).collect();
    let mut kept: BTreeMap<String, ExperimentDocument> = BTreeMap::new();
    let mut asked = vec![root.to_owned()];
    while let Some(key) = asked.pop() {
        if let Some(experiment) = by_key.remove(&key) {
            asked.extend(experiment.prerequisites.iter().map(|it| it.experiment.clone()));
            kept.insert(key, experiment);
        }
    }
    let segments = segments_of(kept.values(), segments);
    let needs_regex = kept.values().any(|it| it.requires.iter().any(|needed| needed == REGEX));
    let groups: BTreeSet<String> = kept.values().filter_map(group_key).collect();
    for (key, member) in by_key {
        if group_key(&member).is_some_and(|group| groups.contains(&group)) {
            kept.insert(key, bare(member));
        }
    }
    SnapshotDocument {
        schema_version: SCHEMA_VERSION,
        environment: environment.to_owned(),
        version: 0,
        published_at: PUBLISHED_AT.to_owned(),
        segments,
        experiments: kept.into_values().collect(),
        requires: Vec::new(),
        features: if needs_regex { vec![REGEX.to_owned()] } else { Vec::new() },
    }
}

fn group_key(experiment: &ExperimentDocument) -> Option<String> {
    experiment.group.as_ref().map(|group| group.key.clone())
}

/// A member of a group that is not asked itself: users may be in it, and that is all.
fn bare(member: ExperimentDocument) -> ExperimentDocument {
    let variant = |it: VariantDocument| VariantDocument { payload: RawValue::NULL.to_owned(), ..it };
    ExperimentDocument {
        variants: member.variants.into_iter().map(variant).collect(),
        allocations: Vec::new(),
        targeting_rules: Vec::new(),
        rules: Vec::new(),
        overrides: BTreeMap::new(),
        prerequisites: Vec::new(),
        holdouts: Vec::new(),
        requires: Vec::new(),
        ..member
    }
}

/// The segments that experiments lead to, over other segments too.
fn segments_of<'a>(
    experiments: impl Iterator<Item = &'a ExperimentDocument>,
    segments: &BTreeMap<String, Vec<TargetingRule>>,
) -> BTreeMap<String, Vec<TargetingRule>> {
    let conditions = experiments.flat_map(|it| {
        let targeting = it.targeting_rules.iter().flat_map(|rule| &rule.conditions);
        targeting.chain(it.rules.iter().flat_map(|rule| &rule.conditions))
    });
    let mut asked: Vec<String> = conditions.filter_map(segment).collect();
    let mut found = BTreeMap::new();
    while let Some(name) = asked.pop() {
        if let Some(rules) = segments.get(&name).filter(|_| !found.contains_key(&name)) {
            asked.extend(rules.iter().flat_map(|rule| &rule.conditions).filter_map(segment));
            found.insert(name, rules.clone());
        }
    }
    found
}

/// The segment that a condition asks for.
fn segment(condition: &ConditionDocument) -> Option<String> {
    let asks = matches!(condition.operator.as_str(), "inSegment" | "notInSegment");
    let value = condition.value.as_ref().filter(|_| asks)?;
    serde_json::from_str(value.get()).ok()
}
