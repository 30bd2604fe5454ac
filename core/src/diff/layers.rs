//! What changes at the gates: groups and holdouts, each on its own 10,000 buckets.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;

use crate::bucketing::BucketSet;
use crate::snapshot::{Experiment, Layer, Status, Tables};

/// What a group or a holdout lets in and puts out, in buckets of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LayerDiff {
    /// The name of the group or holdout; of a group that another takes the place of, the new one's.
    pub key: String,
    /// Buckets whose users it stops before and lets pass after.
    pub entering: u16,
    /// Buckets whose users it lets pass before and stops after.
    pub leaving: u16,
    /// Whether its users are drawn again: another salt, `bucket_by` or group.
    pub rerandomised: bool,
}

impl LayerDiff {
    pub(super) fn changes_nothing(&self) -> bool {
        self.entering == 0 && self.leaving == 0 && !self.rerandomised
    }
}

/// A gate as far as buckets go.
struct Gate<'s> {
    key: &'s str,
    salt: &'s str,
    by: &'s str,
    /// Buckets that may pass.
    passes: BucketSet,
}

type Side<'s> = Option<(&'s Tables, &'s Experiment)>;

/// The group of both sides compared; none when neither has one.
pub(super) fn group(before: Side<'_>, after: Side<'_>) -> Option<LayerDiff> {
    compare(group_of(before).as_ref(), group_of(after).as_ref())
}

/// The holdouts of both sides compared by name, those that differ.
pub(super) fn holdouts(before: Side<'_>, after: Side<'_>) -> Vec<LayerDiff> {
    let (before, after) = (holdouts_of(before), holdouts_of(after));
    let mut keys: Vec<&str> = before.iter().chain(&after).map(|gate| gate.key).collect();
    keys.sort_unstable();
    keys.dedup();
    let find = |gates: &'_ [Gate<'_>], key: &str| gates.iter().position(|gate| gate.key == key);
    let compared = keys.into_iter().filter_map(|key| {
        let before = find(&before, key).and_then(|index| before.get(index));
        compare(before, find(&after, key).and_then(|index| after.get(index)))
    });
    compared.filter(|diff| !diff.changes_nothing()).collect()
}

/// Only what is running asks its gates.
fn asked(side: Side<'_>) -> Side<'_> {
    side.filter(|(_, row)| row.status == Status::Running)
}

fn group_of(side: Side<'_>) -> Option<Gate<'_>> {
    let (tables, row) = asked(side)?;
    let layer = tables.layers.get(tables.extras(row).group? as usize)?;
    let gate = gate(tables, layer);
    Some(gate)
}

fn holdouts_of(side: Side<'_>) -> Vec<Gate<'_>> {
    let Some((tables, row)) = asked(side) else { return Vec::new() };
    let layers = tables.extras(row).holdouts.of(&tables.layers).iter();
    layers
        .map(|layer| gate(tables, layer))
        .map(|gate| Gate { passes: gate.passes.complement(), ..gate })
        .collect()
}

fn gate<'s>(tables: &'s Tables, layer: &Layer) -> Gate<'s> {
    Gate {
        key: tables.text(layer.key),
        salt: tables.text(layer.salt),
        by: tables.attributes.get(layer.bucket_by.0 as usize).map_or("", |it| it.name()),
        passes: layer.ranges.of(&tables.layer_ranges).iter().copied().collect(),
    }
}

fn compare(before: Option<&Gate<'_>>, after: Option<&Gate<'_>>) -> Option<LayerDiff> {
    let key = after.or(before)?.key.to_string();
    let all = BucketSet::all();
    let passed = before.map_or(&all, |gate| &gate.passes);
    let passes = after.map_or(&all, |gate| &gate.passes);
    let is_redrawn = match (before, after) {
        (Some(before), Some(after)) => before.salt != after.salt || before.by != after.by,
        _ => false,
    };
    // Where everybody passes on a side, nobody was drawn there.
    let rerandomised = is_redrawn && *passed != all && *passes != all;
    let (entering, leaving) = match rerandomised {
        true => (passes.len(), passed.len()),
        false => (passes.difference(passed).len(), passed.difference(passes).len()),
    };
    Some(LayerDiff { key, entering, leaving, rerandomised })
}
