//! What has to hold between the tables, so that no evaluation goes astray or on without end. Which
//! rows are whose was settled while reading.

use alloc::vec::Vec;

use super::bytes::Refusal;
use crate::bucketing::{BUCKETS, BucketRange};
use crate::snapshot::references::{MAX_NESTING, Node, grounded};
use crate::snapshot::tables::{Experiment, Outcome, Rows, Span, Status, Support, Tables};
use crate::targeting::{Attribute, AttributeId, Symbol, Test, USER_KEY};

pub(super) fn verify(tables: &Tables) -> Result<(), Refusal> {
    hold(attributes(tables), "attributes that stand twice, or without user_key as the first")?;
    hold(conditions(tables), "a condition that refers to nothing")?;
    hold(rules(tables), "a rule that refers to nothing")?;
    hold(segments(tables), "segments that lead back to themselves, or through too many others")?;
    hold(variants(tables), "a variant without its texts")?;
    hold(layers(tables), "a group or holdout that is none")?;
    hold(prerequisites(tables), "a prerequisite that refers to nothing")?;
    hold(tables.experiments.iter().all(|row| experiment(tables, row)), "an unsound experiment")?;
    let keys = || tables.experiments.iter().map(|row| tables.text(row.key));
    hold(keys().is_sorted_by(|a, b| a < b), "experiments that are not in order")
}

fn hold(holds: bool, otherwise: Refusal) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(otherwise) }
}

fn is_text(tables: &Tables, span: Span) -> bool {
    tables.text.get(span.start as usize..span.end as usize).is_some()
}

fn is_attribute(tables: &Tables, attribute: AttributeId) -> bool {
    (attribute.0 as usize) < tables.attributes.len()
}

fn is_range(range: BucketRange) -> bool {
    range.start <= range.end && range.end < BUCKETS
}

fn attributes(tables: &Tables) -> bool {
    let mut names: Vec<&str> = tables.attributes.iter().map(Attribute::name).collect();
    let begin_well = names.first() == Some(&USER_KEY);
    names.sort_unstable();
    begin_well && names.is_sorted_by(|a, b| a < b)
}

fn conditions(tables: &Tables) -> bool {
    let is_symbol = |symbol: &Symbol| (symbol.0 as usize) < tables.symbols.names().len();
    tables.conditions.iter().all(|condition| {
        let refers_well = match &condition.test {
            Test::Is(symbol) => is_symbol(symbol),
            Test::In(members) => {
                members.strings.is_sorted_by(|a, b| a < b) && members.strings.iter().all(is_symbol)
            }
            Test::Segment(segment) => (*segment as usize) < tables.segments.len(),
            _ => true,
        };
        refers_well && is_attribute(tables, condition.attribute)
    })
}

fn rules(tables: &Tables) -> bool {
    tables.rule_conditions.iter().all(|condition| (*condition as usize) < tables.conditions.len())
}

fn segments(tables: &Tables) -> bool {
    let leads_to = |rules: Rows| {
        let rules = rules.of(&tables.rules).iter();
        tables.segments_named(rules.flat_map(|conditions| conditions.of(&tables.rule_conditions)))
    };
    let references: Vec<Node> =
        tables.segments.iter().map(|row| Node { is_sound: true, leads_to: leads_to(row.rules) }).collect();
    tables.segments.iter().all(|row| is_text(tables, row.name))
        && grounded(&references, MAX_NESTING).into_iter().all(|is_grounded| is_grounded)
}

fn variants(tables: &Tables) -> bool {
    tables.variants.iter().all(|row| {
        let payload = Span { start: row.payload, end: row.fragment.end };
        [row.key, row.id, row.fragment, payload].into_iter().all(|span| is_text(tables, span))
    })
}

fn layers(tables: &Tables) -> bool {
    let is_layer = |key, salt, by| is_text(tables, key) && is_text(tables, salt) && is_attribute(tables, by);
    tables.layers.iter().all(|row| is_layer(row.key, row.salt, row.bucket_by))
        && tables.layer_ranges.iter().all(|range| is_range(*range))
}

fn prerequisites(tables: &Tables) -> bool {
    tables.prerequisites.iter().all(|row| {
        let variants = match row.experiment.map(|experiment| tables.experiment(experiment)) {
            None => 0,
            Some(None) => return false,
            Some(Some(experiment)) => experiment.variants.len(),
        };
        let accepted = row.accepted.of(&tables.accepted);
        is_text(tables, row.key) && accepted.iter().all(|variant| u32::from(*variant) < variants)
    })
}

fn experiment(tables: &Tables, row: &Experiment) -> bool {
    let extras = tables.extras(row);
    let is_variant = |variant: u16| u32::from(variant) < row.variants.len();
    let is_whole = row.support == Support::None
        || match row.status {
            Status::Running => row.bucketing.is_some(),
            Status::Concluded => row.bucketing.is_some() && extras.winner.is_some(),
            Status::Unknown => false,
        };
    let are_allocations = |rows: Rows| {
        let rows = rows.of(&tables.allocations);
        rows.iter().all(|it| is_range(it.range) && is_variant(it.variant))
            // Where they overlap, the experiment is unsupported for that.
            && rows.is_sorted_by(|a, b| match row.support {
                Support::None => a.range.start <= b.range.start,
                _ => a.range.end < b.range.start,
            })
    };
    let mut deliveries = extras.deliveries.of(&tables.deliveries).iter();
    let overrides = extras.overrides.of(&tables.overrides);
    is_whole
        && [row.key, row.id, row.fragment].into_iter().all(|span| is_text(tables, span))
        && row.bucketing.is_none_or(|it| is_text(tables, it.salt) && is_attribute(tables, it.by))
        && are_allocations(row.allocations)
        && deliveries.all(|delivery| match delivery.outcome {
            Outcome::Variant(variant) => is_variant(variant),
            Outcome::Split(allocations) => are_allocations(allocations),
        })
        && overrides.iter().all(|it| is_variant(it.variant) && is_text(tables, it.user_key))
        && overrides.is_sorted_by(|a, b| tables.text(a.user_key) < tables.text(b.user_key))
        && extras.winner.is_none_or(is_variant)
}
