//! From bytes to a snapshot: section by section, then `verify` over the whole.

use alloc::vec::Vec;

use super::bytes::{Refusal, Source};
use super::condition::read_condition;
use super::owned::Owned;
use super::rows::{
    UNKNOWN, read_allocation, read_delivery, read_experiment, read_extras, read_layer, read_override,
    read_prerequisite, read_range, read_segment, read_variant,
};
use crate::snapshot::Snapshot;
use crate::snapshot::index::KeyIndex;
use crate::snapshot::tables::Tables;
use crate::targeting::{Attribute, Symbols};

pub(super) fn snapshot(mut source: Source<'_>) -> Result<Snapshot, Refusal> {
    let requires_regex = source.flag(UNKNOWN);
    if requires_regex && cfg!(not(feature = "regex")) {
        return Err("this build has no regular expressions");
    }
    let version = source.long();
    let environment = source.string().into();
    let published_at = source.string().into();
    let tables = tables(&mut source);
    source.end()?;
    Ok(Snapshot {
        index: KeyIndex::new(&tables),
        tables,
        environment,
        version,
        published_at,
        requires_regex,
        faults: Vec::new(),
    })
}

fn tables(source: &mut Source<'_>) -> Tables {
    let mut owned = Owned::default();
    // In the order of the sections.
    let tables = Tables {
        attributes: source.rows(1, |source| Attribute::new(source.string())),
        symbols: symbols(source),
        conditions: source.rows(2, read_condition),
        segments: source.rows(3, |source| read_segment(source, &mut owned)),
        experiments: source.rows(14, |source| read_experiment(source, &mut owned)),
        extras: source.rows(6, |source| read_extras(source, &mut owned)),
        rules: source.rows(1, |source| owned.conditions.next(source.word())),
        deliveries: source.rows(3, |source| read_delivery(source, &mut owned)),
        rule_conditions: source.rows(1, Source::word),
        variants: source.rows(7, read_variant),
        allocations: source.rows(3, read_allocation),
        overrides: source.rows(3, read_override),
        prerequisites: source.rows(4, |source| read_prerequisite(source, &mut owned)),
        accepted: source.rows(1, |source| source.narrow(UNKNOWN)),
        layers: source.rows(6, |source| read_layer(source, &mut owned)),
        layer_ranges: source.rows(2, read_range),
        text: source.string().into(),
    };
    if !owned.match_all(&tables) {
        source.refuse("rows without an owner, or owners without rows");
    }
    tables
}

fn symbols(source: &mut Source<'_>) -> Symbols {
    let names = source.rows(1, Source::string);
    Symbols::from_names(&names).unwrap_or_else(|| {
        source.refuse("a string that stands twice");
        Symbols::default()
    })
}
