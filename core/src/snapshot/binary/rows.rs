//! Rows as words, each kind's way out beside its way in.

use super::bytes::{Refusal, Source};
use super::owned::Owned;
use crate::bucketing::{BucketRange, HashAlgorithm};
use crate::snapshot::tables::{
    Allocation, Bucketing, Delivery, Experiment, Extras, Layer, Outcome, Override, Prerequisite, Segment,
    Span, Status, Support, Variant,
};
use crate::targeting::AttributeId;

pub(super) const UNKNOWN: Refusal = "a row of an unknown kind";

pub(super) fn write_segment(row: &Segment) -> [u32; 3] {
    [row.name.start, row.name.end, row.rules.len()]
}

pub(super) fn read_segment(source: &mut Source<'_>, owned: &mut Owned) -> Segment {
    Segment { name: read_span(source), rules: owned.rules.next(source.word()) }
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

pub(super) fn read_experiment(source: &mut Source<'_>, owned: &mut Owned) -> Experiment {
    let (key, id, fragment) = (read_span(source), read_span(source), read_span(source));
    let [status, support, sticky, hash] = source.word().to_le_bytes();
    let (by, salt) = (AttributeId(source.word()), read_span(source));
    if status > 2
        || support > 2
        || sticky > 1
        || hash > 2
        || (hash == 0 && (by.0, salt) != (0, Span::default()))
    {
        source.refuse(UNKNOWN);
    }
    Experiment {
        key,
        id,
        fragment,
        status: match status {
            0 => Status::Running,
            1 => Status::Concluded,
            _ => Status::Unknown,
        },
        support: match support {
            0 => Support::Every,
            1 => Support::Regex,
            _ => Support::None,
        },
        sticky: sticky == 1,
        bucketing: match hash {
            0 => None,
            1 => Some(Bucketing { hash: HashAlgorithm::Murmur3, by, salt }),
            _ => Some(Bucketing { hash: HashAlgorithm::Fnv1a64, by, salt }),
        },
        variants: owned.variants.next(source.word()),
        allocations: owned.allocations.next(source.word()),
        targeting: owned.rules.next(source.word()),
        extras: if source.flag(UNKNOWN) { owned.extras.next(1).end } else { 0 },
    }
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

pub(super) fn read_extras(source: &mut Source<'_>, owned: &mut Owned) -> Extras {
    let extras = Extras {
        deliveries: owned.deliveries.next(source.word()),
        overrides: owned.overrides.next(source.word()),
        prerequisites: owned.prerequisites.next(source.word()),
        group: source.flag(UNKNOWN).then(|| owned.layers.next(1).start),
        holdouts: owned.layers.next(source.word()),
        winner: match source.word() {
            0 => None,
            word => Some(u16::try_from(word - 1).unwrap_or_else(|_| {
                source.refuse(UNKNOWN);
                0
            })),
        },
    };
    if extras == Extras::default() {
        source.refuse(UNKNOWN);
    }
    extras
}

pub(super) fn write_delivery(row: &Delivery) -> [u32; 3] {
    let (kind, operand) = match row.outcome {
        Outcome::Variant(variant) => (0, u32::from(variant)),
        Outcome::Split(allocations) => (1, allocations.len()),
    };
    [row.conditions.len(), kind, operand]
}

pub(super) fn read_delivery(source: &mut Source<'_>, owned: &mut Owned) -> Delivery {
    let conditions = owned.conditions.next(source.word());
    let outcome = match source.flag(UNKNOWN) {
        false => Outcome::Variant(source.narrow(UNKNOWN)),
        true => Outcome::Split(owned.allocations.next(source.word())),
    };
    Delivery { conditions, outcome }
}

pub(super) fn write_variant(row: &Variant) -> [u32; 7] {
    let Variant { key, id, payload, fragment } = row;
    [key.start, key.end, id.start, id.end, *payload, fragment.start, fragment.end]
}

pub(super) fn read_variant(source: &mut Source<'_>) -> Variant {
    let (key, id, payload) = (read_span(source), read_span(source), source.word());
    Variant { key, id, payload, fragment: read_span(source) }
}

pub(super) fn write_allocation(row: Allocation) -> [u32; 3] {
    let [start, end] = write_range(row.range);
    [start, end, u32::from(row.variant)]
}

pub(super) fn read_allocation(source: &mut Source<'_>) -> Allocation {
    Allocation { range: read_range(source), variant: source.narrow(UNKNOWN) }
}

pub(super) fn write_range(range: BucketRange) -> [u32; 2] {
    [u32::from(range.start), u32::from(range.end)]
}

pub(super) fn read_range(source: &mut Source<'_>) -> BucketRange {
    BucketRange { start: source.narrow(UNKNOWN), end: source.narrow(UNKNOWN) }
}

pub(super) fn write_override(row: &Override) -> [u32; 3] {
    [row.user_key.start, row.user_key.end, u32::from(row.variant)]
}

pub(super) fn read_override(source: &mut Source<'_>) -> Override {
    Override { user_key: read_span(source), variant: source.narrow(UNKNOWN) }
}

pub(super) fn write_prerequisite(row: &Prerequisite) -> [u32; 4] {
    let experiment = row.experiment.map_or(0, |experiment| experiment + 1);
    [row.key.start, row.key.end, experiment, row.accepted.len()]
}

pub(super) fn read_prerequisite(source: &mut Source<'_>, owned: &mut Owned) -> Prerequisite {
    Prerequisite {
        key: read_span(source),
        experiment: source.word().checked_sub(1),
        accepted: owned.accepted.next(source.word()),
    }
}

pub(super) fn write_layer(row: &Layer) -> [u32; 6] {
    [row.key.start, row.key.end, row.salt.start, row.salt.end, row.bucket_by.0, row.ranges.len()]
}

pub(super) fn read_layer(source: &mut Source<'_>, owned: &mut Owned) -> Layer {
    Layer {
        key: read_span(source),
        salt: read_span(source),
        bucket_by: AttributeId(source.word()),
        ranges: owned.ranges.next(source.word()),
    }
}

#[cfg_attr(feature = "json", inline)]
#[cfg_attr(not(feature = "json"), inline(never))]
fn read_span(source: &mut Source<'_>) -> Span {
    Span { start: source.word(), end: source.word() }
}
