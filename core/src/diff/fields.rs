//! Which fields of an experiment differ.

use alloc::vec::Vec;

use super::published::{last, members};
use crate::snapshot::{Experiment, Tables};

/// The fields that are compared, and what an absent one means. Fields of variants are told apart.
const FIELDS: [(&str, &str); 15] = [
    ("id", ""),
    ("status", ""),
    ("salt", ""),
    ("hash", ""),
    ("bucket_by", "\"user_key\""),
    ("sticky", "false"),
    ("allocations", "[]"),
    ("targeting_rules", "[]"),
    ("rules", "[]"),
    ("overrides", "{}"),
    ("prerequisites", "[]"),
    ("group", ""),
    ("holdouts", "[]"),
    ("winner", ""),
    ("requires", "[]"),
];

/// The names of the fields whose text differs, in the order of the document.
pub(super) fn changed(before: &str, after: &str) -> Vec<&'static str> {
    let (before, after) = (members(before), members(after));
    let differs = |(name, default): &&(&str, &str)| {
        last(&before, name).unwrap_or(default) != last(&after, name).unwrap_or(default)
    };
    FIELDS.iter().filter(differs).map(|(name, _)| *name).collect()
}

/// `variants` when there are others, or with another identifier, or in another order; `payloads` when one
/// that both have hands out something else.
pub(super) fn changed_variants(
    before: (&Tables, &Experiment),
    after: (&Tables, &Experiment),
) -> Vec<&'static str> {
    let names = |(tables, row): (&'_ Tables, &'_ Experiment)| {
        let variants = row.variants.of(&tables.variants).iter();
        variants.map(|it| [it.key, it.id].map(|span| tables.bytes(span).to_vec())).collect::<Vec<_>>()
    };
    let mut fields = Vec::new();
    if names(before) != names(after) {
        fields.push("variants");
    }
    let (tables, row) = after;
    let hands_out_else = row.variants.of(&tables.variants).iter().any(|variant| {
        let index = before.0.variant_index(before.1.variants, tables.text(variant.key));
        let known = index.and_then(|index| before.0.variant(before.1, index));
        known.is_some_and(|known| before.0.payload(known) != tables.payload(variant))
    });
    if hands_out_else {
        fields.push("payloads");
    }
    fields
}

/// Whether a field stands behind `variants` in a document.
pub(super) fn is_behind_variants(name: &str) -> bool {
    !["id", "status", "salt", "hash", "bucket_by", "sticky"].contains(&name)
}
