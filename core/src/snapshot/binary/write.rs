//! From a snapshot to bytes.

use alloc::vec::Vec;

use super::BINARY_FORMAT;
use super::bytes::Sink;
use super::condition::write_condition;
use super::rows::{
    write_allocation, write_delivery, write_experiment, write_extras, write_layer, write_override,
    write_prerequisite, write_range, write_segment, write_variant,
};
use crate::snapshot::Snapshot;
use crate::snapshot::tables::{Delivery, Extras, Layer, Outcome, Rows};
use crate::targeting::Attribute;

/// Rows are written owner by owner; those that an experiment at fault left behind have none.
pub(super) fn snapshot(snapshot: &Snapshot) -> Vec<u8> {
    let tables = &snapshot.tables;
    let experiments = || tables.experiments.iter();
    let extras = || experiments().filter(|row| row.extras != 0).map(|row| tables.extras(row));
    let rules = || {
        let owners =
            tables.segments.iter().map(|row| row.rules).chain(experiments().map(|row| row.targeting));
        owners.flat_map(|rows| rows.of(&tables.rules))
    };
    let deliveries = || extras().flat_map(|row| row.deliveries.of(&tables.deliveries));
    let conditions = rules().copied().chain(deliveries().map(|row| row.conditions));
    let splits = experiments().map(|row| row.allocations).chain(deliveries().filter_map(split));
    let layers = || extras().flat_map(|row| layers_of(row, &tables.layers));
    let prerequisites = || extras().flat_map(|row| row.prerequisites.of(&tables.prerequisites));

    let mut out = Sink { bytes: Vec::with_capacity(tables.text.len() * 2) };
    out.bytes.extend_from_slice(BINARY_FORMAT.as_bytes());
    out.bytes.push(0);
    out.word(u32::from(snapshot.requires_regex));
    out.long(snapshot.version);
    out.string(&snapshot.environment);
    out.string(&snapshot.published_at);
    out.items(tables.attributes.iter().map(Attribute::name), Sink::string);
    out.items(tables.symbols.names(), Sink::string);
    out.items(tables.conditions.iter(), write_condition);
    out.rows(tables.segments.iter().map(write_segment));
    out.rows(experiments().map(write_experiment));
    out.rows(extras().map(write_extras));
    out.rows(rules().map(|conditions| [conditions.len()]));
    out.rows(deliveries().map(write_delivery));
    out.rows(conditions.flat_map(|rows| rows.of(&tables.rule_conditions)).map(|condition| [*condition]));
    out.rows(experiments().flat_map(|row| row.variants.of(&tables.variants)).map(write_variant));
    out.rows(splits.flat_map(|rows| rows.of(&tables.allocations)).copied().map(write_allocation));
    out.rows(extras().flat_map(|row| row.overrides.of(&tables.overrides)).map(write_override));
    out.rows(prerequisites().map(write_prerequisite));
    let accepted = prerequisites().flat_map(|row| row.accepted.of(&tables.accepted));
    out.rows(accepted.map(|variant| [u32::from(*variant)]));
    out.rows(layers().map(write_layer));
    out.rows(layers().flat_map(|row| row.ranges.of(&tables.layer_ranges)).copied().map(write_range));
    out.string(&tables.text);
    out.bytes
}

fn split(delivery: &Delivery) -> Option<Rows> {
    match delivery.outcome {
        Outcome::Variant(_) => None,
        Outcome::Split(allocations) => Some(allocations),
    }
}

/// An experiment's place in a group, then its holdouts.
fn layers_of<'l>(extras: &Extras, layers: &'l [Layer]) -> impl Iterator<Item = &'l Layer> {
    let group = extras.group.and_then(|group| layers.get(group as usize));
    group.into_iter().chain(extras.holdouts.of(layers))
}
