//! Metrics as answers show them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::metric::{Direction, Metric, MetricKind};
use crate::domain::rules::Condition;

/// What experiments can be judged by.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Metric)]
pub struct MetricView {
    /// Stable identifier.
    pub id: Uuid,
    /// The environment it belongs to.
    pub environment_id: Uuid,
    /// That environment's name.
    pub environment: String,
    /// Unique within the environment.
    pub key: String,
    /// For people.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// How events become a number per user.
    pub kind: MetricKind,
    /// The events that count.
    pub event_name: String,
    /// The property that is added up; `value` is the event's own; null: events are counted.
    pub value_property: Option<String>,
    /// Of ratios: the events below the line.
    pub denominator_event: Option<String>,
    /// Of ratios: the property below the line; null: events are counted.
    pub denominator_property: Option<String>,
    /// Of quantiles: the level.
    pub quantile: Option<f64>,
    /// Conditions on the events' properties.
    pub filters: Vec<Condition>,
    /// Seconds from first exposure until events begin to count.
    pub window_start_seconds: i64,
    /// Seconds from first exposure until they no longer count; null: for good.
    pub window_end_seconds: Option<i64>,
    /// Users below this quantile are drawn up to it.
    pub winsor_lower: Option<f64>,
    /// Users above this quantile are drawn down to it.
    pub winsor_upper: Option<f64>,
    /// Which way is better.
    pub direction: Direction,
    /// The smallest relative effect that matters.
    pub minimum_effect: Option<f64>,
    /// The relative loss that a guardrail puts up with.
    pub guardrail_margin: Option<f64>,
    /// Seconds before first exposure that CUPED's covariate is taken from; null: no CUPED.
    pub pre_period_seconds: Option<i64>,
    /// Grows with each change; also the `ETag`.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// A metric and who uses it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UsedMetric)]
pub struct UsedMetricView {
    /// The metric.
    #[serde(flatten)]
    pub metric: MetricView,
    /// Keys of the experiments that name it.
    pub used_by: Vec<String>,
}

impl From<Metric> for MetricView {
    fn from(it: Metric) -> Self {
        let of = it.definition;
        Self {
            id: it.id,
            environment_id: it.environment_id,
            environment: it.environment,
            key: it.key,
            name: it.name,
            description: it.description,
            kind: of.kind,
            event_name: of.event_name,
            value_property: of.value_property,
            denominator_event: of.denominator_event,
            denominator_property: of.denominator_property,
            quantile: of.quantile,
            filters: of.filters,
            window_start_seconds: of.window_start_seconds,
            window_end_seconds: of.window_end_seconds,
            winsor_lower: of.winsor_lower,
            winsor_upper: of.winsor_upper,
            direction: it.direction,
            minimum_effect: it.minimum_effect,
            guardrail_margin: it.guardrail_margin,
            pre_period_seconds: of.pre_period_seconds,
            version: it.version,
            created_at: it.created_at,
            updated_at: it.updated_at,
        }
    }
}
