//! Rows as words, each kind's way out beside its way in.

use super::bytes::Refusal;
use super::owned::Owned;
use crate::bucketing::{BucketRange, HashAlgorithm};
use crate::snapshot::tables::{
    Allocation, Bucketing, Delivery, Experiment, Extras, Layer, Outcome, Override, Prerequisite, Segment,
    Span, Status, Support, Variant,
};
use crate::targeting::AttributeId;

const UNKNOWN: Refusal = "a row of an unknown kind";

pub(super) fn write_segment(row: &Segment) -> [u32; 3] {
    [row.name.start, row.name.end, row.rules.len()]
}

pub(super) fn read_segment([start, end, rules]: [u32; 3], owned: &mut Owned) -> Result<Segment, Refusal> {
    Ok(Segment { name: Span { start, end }, rules: owned.rules.next(rules)? })
}

pub(super) fn write_experiment(row: &Experiment) -> [u32; 14] {
    let status = match row.status {
        Status::Running => 0,
        Status::Concluded => 1,
        Status::Unknown => 2,
    };
    let support = match row.support {
        Support::Every => 0,
        Support::Regex => 1,
        Support::None => 2,
    };
    let (hash, by, salt) = match row.bucketing {
        None => (0, 0, Span::default()),
        Some(Bucketing { hash: HashAlgorithm::Murmur3, by, salt }) => (1, by.0, salt),
        Some(Bucketing { hash: HashAlgorithm::Fnv1a64, by, salt }) => (2, by.0, salt),
    };
    [
        row.key.start,
        row.key.end,
        row.id.start,
        row.id.end,
        row.fragment.start,
        row.fragment.end,
        u32::from_le_bytes([status, support, u8::from(row.sticky), hash]),
        by,
        salt.start,
        salt.end,
        row.variants.len(),
        row.allocations.len(),
        row.targeting.len(),
        u32::from(row.extras != 0),
    ]
}

pub(super) fn read_experiment(words: [u32; 14], owned: &mut Owned) -> Result<Experiment, Refusal> {
    let [key, key_end, id, id_end, fragment, fragment_end, kinds, by, salt, salt_end, counts @ ..] = words;
    let [status, support, sticky, hash] = kinds.to_le_bytes();
    let [variants, allocations, rules, extras] = counts;
    let bucketing = |hash| {
        let salt = Span { start: salt, end: salt_end };
        Some(Bucketing { hash, by: AttributeId(by), salt })
    };
    Ok(Experiment {
        key: Span { start: key, end: key_end },
        id: Span { start: id, end: id_end },
        fragment: Span { start: fragment, end: fragment_end },
        status: match status {
            0 => Status::Running,
            1 => Status::Concluded,
            2 => Status::Unknown,
            _ => return Err(UNKNOWN),
        },
        support: match support {
            0 => Support::Every,
            1 => Support::Regex,
            2 => Support::None,
            _ => return Err(UNKNOWN),
        },
        sticky: flag(u32::from(sticky))?,
        bucketing: match (hash, by, salt, salt_end) {
            (0, 0, 0, 0) => None,
            (1, ..) => bucketing(HashAlgorithm::Murmur3),
            (2, ..) => bucketing(HashAlgorithm::Fnv1a64),
            _ => return Err(UNKNOWN),
        },
        variants: owned.variants.next(variants)?,
        allocations: owned.allocations.next(allocations)?,
        targeting: owned.rules.next(rules)?,
        // The table begins with a row for those that have none.
        extras: if flag(extras)? { owned.extras.next(1)?.end } else { 0 },
    })
}

pub(super) fn write_extras(row: &Extras) -> [u32; 6] {
    [
        row.deliveries.len(),
        row.overrides.len(),
        row.prerequisites.len(),
        u32::from(row.group.is_some()),
        row.holdouts.len(),
        row.winner.map_or(0, |winner| u32::from(winner) + 1),
    ]
}

pub(super) fn read_extras(words: [u32; 6], owned: &mut Owned) -> Result<Extras, Refusal> {
    let [deliveries, overrides, prerequisites, group, holdouts, winner] = words;
    let extras = Extras {
        deliveries: owned.deliveries.next(deliveries)?,
        overrides: owned.overrides.next(overrides)?,
        prerequisites: owned.prerequisites.next(prerequisites)?,
        group: if flag(group)? { Some(owned.layers.next(1)?.start) } else { None },
        holdouts: owned.layers.next(holdouts)?,
        winner: winner.checked_sub(1).map(narrow).transpose()?,
    };
    if extras == Extras::default() { Err(UNKNOWN) } else { Ok(extras) }
}

pub(super) fn write_delivery(row: &Delivery) -> [u32; 3] {
    let (kind, operand) = match row.outcome {
        Outcome::Variant(variant) => (0, u32::from(variant)),
        Outcome::Split(allocations) => (1, allocations.len()),
    };
    [row.conditions.len(), kind, operand]
}

pub(super) fn read_delivery(
    [conditions, kind, operand]: [u32; 3],
    owned: &mut Owned,
) -> Result<Delivery, Refusal> {
    let outcome = match kind {
        0 => Outcome::Variant(narrow(operand)?),
        1 => Outcome::Split(owned.allocations.next(operand)?),
        _ => return Err(UNKNOWN),
    };
    Ok(Delivery { conditions: owned.conditions.next(conditions)?, outcome })
}

pub(super) fn write_variant(row: &Variant) -> [u32; 7] {
    let Variant { key, id, payload, fragment } = row;
    [key.start, key.end, id.start, id.end, *payload, fragment.start, fragment.end]
}

pub(super) fn read_variant([key, key_end, id, id_end, payload, start, end]: [u32; 7]) -> Variant {
    let (key, id) = (Span { start: key, end: key_end }, Span { start: id, end: id_end });
    Variant { key, id, payload, fragment: Span { start, end } }
}

pub(super) fn write_allocation(row: Allocation) -> [u32; 3] {
    let [start, end] = write_range(row.range);
    [start, end, u32::from(row.variant)]
}

pub(super) fn read_allocation([start, end, variant]: [u32; 3]) -> Result<Allocation, Refusal> {
    Ok(Allocation { range: read_range([start, end])?, variant: narrow(variant)? })
}

pub(super) fn write_range(range: BucketRange) -> [u32; 2] {
    [u32::from(range.start), u32::from(range.end)]
}

pub(super) fn read_range([start, end]: [u32; 2]) -> Result<BucketRange, Refusal> {
    Ok(BucketRange { start: narrow(start)?, end: narrow(end)? })
}

pub(super) fn write_override(row: &Override) -> [u32; 3] {
    [row.user_key.start, row.user_key.end, u32::from(row.variant)]
}

pub(super) fn read_override([start, end, variant]: [u32; 3]) -> Result<Override, Refusal> {
    Ok(Override { user_key: Span { start, end }, variant: narrow(variant)? })
}

pub(super) fn write_prerequisite(row: &Prerequisite) -> [u32; 4] {
    let experiment = row.experiment.map_or(0, |experiment| experiment + 1);
    [row.key.start, row.key.end, experiment, row.accepted.len()]
}

pub(super) fn read_prerequisite(words: [u32; 4], owned: &mut Owned) -> Result<Prerequisite, Refusal> {
    let [start, end, experiment, accepted] = words;
    Ok(Prerequisite {
        key: Span { start, end },
        experiment: experiment.checked_sub(1),
        accepted: owned.accepted.next(accepted)?,
    })
}

pub(super) fn write_layer(row: &Layer) -> [u32; 6] {
    [row.key.start, row.key.end, row.salt.start, row.salt.end, row.bucket_by.0, row.ranges.len()]
}

pub(super) fn read_layer(words: [u32; 6], owned: &mut Owned) -> Result<Layer, Refusal> {
    let [key, key_end, salt, salt_end, by, ranges] = words;
    Ok(Layer {
        key: Span { start: key, end: key_end },
        salt: Span { start: salt, end: salt_end },
        bucket_by: AttributeId(by),
        ranges: owned.ranges.next(ranges)?,
    })
}

pub(super) fn flag(word: u32) -> Result<bool, Refusal> {
    match word {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(UNKNOWN),
    }
}

/// Variants and buckets are counted in 16 bits.
pub(super) fn narrow(word: u32) -> Result<u16, Refusal> {
    u16::try_from(word).map_err(|_| UNKNOWN)
}
