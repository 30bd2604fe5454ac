//! From bytes to a snapshot: section by section, then `verify` over the whole.

use alloc::string::String;
use alloc::vec::Vec;

use super::bytes::{Refusal, Source};
use super::condition::read_condition;
use super::owned::Owned;
use super::rows::{
    flag, narrow, read_allocation, read_delivery, read_experiment, read_extras, read_layer, read_override,
    read_prerequisite, read_range, read_segment, read_variant,
};
use super::verify::verify;
use crate::snapshot::Snapshot;
use crate::snapshot::index::KeyIndex;
use crate::snapshot::tables::{Extras, Tables};
use crate::targeting::{Attribute, Symbols};

pub(super) fn snapshot(mut source: Source<'_>) -> Result<Snapshot, Refusal> {
    let requires_regex = flag(source.word()?)?;
    if requires_regex && cfg!(not(feature = "regex")) {
        return Err("this build has no regular expressions");
    }
    let version = source.long()?;
    let environment = source.string()?;
    let published_at = source.string()?;
    let tables = tables(&mut source)?;
    source.end()?;
    verify(&tables)?;
    Ok(Snapshot {
        index: KeyIndex::new(&tables),
        tables,
        environment: environment.into(),
        version,
        published_at: published_at.into(),
        requires_regex,
        faults: Vec::new(),
    })
}

fn tables(source: &mut Source<'_>) -> Result<Tables, Refusal> {
    let mut owned = Owned::default();
    // In the order of the sections.
    let mut tables = Tables {
        attributes: source.items(|source| source.string().map(Attribute::new))?,
        symbols: symbols(source)?,
        conditions: source.items(read_condition)?,
        segments: source.rows(|words| read_segment(words, &mut owned))?,
        experiments: source.rows(|words| read_experiment(words, &mut owned))?,
        extras: extras(source, &mut owned)?,
        rules: source.rows(|[conditions]| owned.conditions.next(conditions))?,
        deliveries: source.rows(|words| read_delivery(words, &mut owned))?,
        rule_conditions: source.rows(|[condition]| Ok(condition))?,
        variants: source.rows(|words| Ok(read_variant(words)))?,
        allocations: source.rows(read_allocation)?,
        overrides: source.rows(read_override)?,
        prerequisites: source.rows(|words| read_prerequisite(words, &mut owned))?,
        accepted: source.rows(|[variant]| narrow(variant))?,
        layers: source.rows(|words| read_layer(words, &mut owned))?,
        layer_ranges: source.rows(read_range)?,
        text: String::from(source.string()?),
    };
    tables.shrink();
    owned.match_all(&tables)?;
    Ok(tables)
}

fn symbols(source: &mut Source<'_>) -> Result<Symbols, Refusal> {
    Symbols::from_names(&source.items(Source::string)?).ok_or("a string that stands twice")
}

/// Behind the row for those that have none.
fn extras(source: &mut Source<'_>, owned: &mut Owned) -> Result<Vec<Extras>, Refusal> {
    let mut rows = source.rows(|words| read_extras(words, owned))?;
    rows.insert(0, Extras::default());
    Ok(rows)
}
