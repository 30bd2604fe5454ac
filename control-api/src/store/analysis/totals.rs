//! What a user's events come to, in SQL: one or two aggregates per metric over the user's events `e`, given
//! when the user `u` was first exposed.
//!
//! Counts are whole numbers and amounts are decimals, both exact, so that no sum depends on the order in which
//! the database adds.

use chrono::TimeDelta;
use sqlx::{Postgres, QueryBuilder};

use super::filter::push_filters;
use super::sums::SUMS;
use crate::domain::metric::{Definition, MetricKind, OWN_VALUE};

/// Totals of a user for one metric: what counts, and of ratios what stands below the line, or else with a
/// pre-period what was before exposure. Ratios have no pre-period.
fn totals_of(metric: &Definition) -> usize {
    if metric.denominator_event.is_some() || metric.pre_period_seconds.is_some() { 2 } else { 1 }
}

/// Totals of a user for all metrics.
pub(super) fn total_count(metrics: &[Definition]) -> usize {
    metrics.iter().map(totals_of).sum()
}

/// Each metric with the position of its first total, from 1.
pub(super) fn positions(metrics: &[Definition]) -> impl Iterator<Item = (usize, &Definition)> {
    metrics.iter().scan(1, |next, metric| {
        let first = *next;
        *next += totals_of(metric);
        Some((first, metric))
    })
}

/// Pushes the aggregates of all metrics.
pub(super) fn push_all_totals(query: &mut QueryBuilder<Postgres>, metrics: &[Definition]) {
    let mut separator = "";
    for metric in metrics {
        query.push(separator);
        push_totals(query, metric);
        separator = ", ";
    }
}

/// Pushes the aggregates of one metric.
pub(super) fn push_totals(query: &mut QueryBuilder<Postgres>, metric: &Definition) {
    push_aggregate(query, metric.value_property.as_deref(), |query| push_counts(query, metric));
    if let Some(event) = &metric.denominator_event {
        query.push(", ");
        push_aggregate(query, metric.denominator_property.as_deref(), |query| {
            push_event(query, event);
            push_window(query, metric);
        });
    } else if let Some(seconds) = metric.pre_period_seconds {
        query.push(", ");
        push_aggregate(query, metric.value_property.as_deref(), |query| {
            push_event(query, &metric.event_name);
            query.push(" and e.occurred_at < u.first_at and e.occurred_at >= u.first_at - ");
            query.push_bind(TimeDelta::seconds(seconds));
            push_filters(query, &metric.filters);
        });
    }
}

/// Pushes the condition that an event counts above the line.
pub(super) fn push_counts(query: &mut QueryBuilder<Postgres>, metric: &Definition) {
    push_event(query, &metric.event_name);
    push_window(query, metric);
    push_filters(query, &metric.filters);
}

/// Pushes what one event adds; null adds nothing.
pub(super) fn push_amount(query: &mut QueryBuilder<Postgres>, property: Option<&str>) {
    match property {
        None => drop(query.push("1::double precision")),
        Some(OWN_VALUE) => drop(query.push("e.value")),
        Some(name) => {
            query.push("analysis_amount(event_attribute(e.properties, ");
            query.push_bind(name.to_owned());
            query.push("))");
        }
    }
}

fn push_aggregate(
    query: &mut QueryBuilder<Postgres>,
    property: Option<&str>,
    push_condition: impl FnOnce(&mut QueryBuilder<Postgres>),
) {
    match property {
        None => drop(query.push("count(*) filter (where ")),
        Some(_) => {
            query.push("coalesce(sum((");
            push_amount(query, property);
            // To 15 digits: what people wrote, as far as a double keeps it.
            query.push(")::numeric) filter (where ");
        }
    }
    push_condition(query);
    query.push(if property.is_none() { ")" } else { "), 0)" });
}

fn push_event(query: &mut QueryBuilder<Postgres>, name: &str) {
    query.push("e.event_name = ").push_bind(name.to_owned());
}

fn push_window(query: &mut QueryBuilder<Postgres>, metric: &Definition) {
    query.push(" and e.occurred_at >= u.first_at");
    if metric.window_start_seconds > 0 {
        query.push(" + ").push_bind(TimeDelta::seconds(metric.window_start_seconds));
    }
    if let Some(end) = metric.window_end_seconds {
        query.push(" and e.occurred_at < u.first_at + ").push_bind(TimeDelta::seconds(end));
    }
}

/// Where a user's totals stand in a statement.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// In an array of that name, which may be null.
    Array(&'static str),
    /// In columns `c1`, `c2`, … of a table of that name.
    Columns(&'static str),
}

impl Place {
    /// A user's value of the metric whose totals begin at `first`; missing totals are 0.
    pub(super) fn value(self, metric: &Definition, first: usize) -> String {
        self.capped(metric, first)
    }

    /// A user's covariate, of a metric with a pre-period.
    pub(super) fn covariate(self, metric: &Definition, first: usize) -> String {
        self.capped(metric, first + 1)
    }

    fn capped(self, metric: &Definition, position: usize) -> String {
        let total = self.total(position);
        if metric.kind.is_yes_or_no() { format!("least({total}, 1)") } else { total }
    }

    /// The total at a position.
    pub(super) fn total(self, position: usize) -> String {
        match self {
            Self::Array(name) => format!("coalesce({name}[{position}], 0)"),
            Self::Columns(name) => format!("{name}.c{position}"),
        }
    }

    /// What a user adds to each of a metric's sums, in the order of [`super::sums`].
    pub(super) fn terms(self, metric: &Definition, first: usize) -> [String; SUMS] {
        let y = self.value(metric, first);
        let below = self.total(first + 1);
        let x = self.covariate(metric, first);
        let has = |is_needed: bool, term: String| if is_needed { term } else { "0".to_owned() };
        let is_ratio = metric.kind == MetricKind::Ratio;
        let has_x = metric.pre_period_seconds.is_some();
        [
            y.clone(),
            format!("{y} * {y}"),
            has(is_ratio, below.clone()),
            has(is_ratio, format!("{below} * {below}")),
            has(is_ratio, format!("{y} * {below}")),
            has(has_x, x.clone()),
            has(has_x, format!("{x} * {x}")),
            has(has_x, format!("{x} * {y}")),
            format!("({y} <> 0)::int"),
            "1".to_owned(),
        ]
    }
}
