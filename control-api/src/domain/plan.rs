//! Plans: how an experiment's events are read and judged.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::experiment::Experiment;
use super::metric::{Definition, Direction, Metric};
use super::status::Status;

/// What an experiment's results depend on besides exposures and events, and what they tell of it. Kept as it
/// was for as long as the experiment is: a field that comes later needs a default.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Where the experiment stands in its life.
    pub status: Status,
    /// What it is to find out.
    pub hypothesis: Option<String>,
    /// The error of the first kind that the analysis allows.
    pub significance_level: f64,
    /// Subjects that the analysis waits for.
    pub target_sample_size: Option<i64>,
    /// Days that have to pass before there is a verdict.
    pub minimum_days: i32,
    /// The key of the metric that decides, named so or not.
    pub primary_metric: Option<String>,
    /// Keys of the metrics that must not be harmed.
    pub guardrail_metrics: Vec<String>,
    /// In their author's order.
    pub variants: Vec<PlannedVariant>,
    /// In the experiment's order.
    pub metrics: Vec<PlannedMetric>,
}

/// A variant, as results know it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedVariant {
    /// Its id.
    pub id: Uuid,
    /// Its key.
    pub key: String,
    /// How many buckets it has.
    pub buckets: u32,
}

/// A metric, as results know it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedMetric {
    /// Its key.
    pub key: String,
    /// For people.
    pub name: String,
    /// What is made of a user's events.
    pub definition: Definition,
    /// Which way is better.
    pub direction: Direction,
    /// The smallest relative effect that matters.
    pub minimum_effect: Option<f64>,
    /// The relative loss that a guardrail puts up with.
    pub guardrail_margin: Option<f64>,
}

impl Plan {
    /// The plan of an experiment with its metrics, in its order.
    pub fn of(experiment: &Experiment, metrics: Vec<Metric>) -> Self {
        let buckets = |id: Uuid| {
            let ranges = experiment.allocations.iter().filter(|range| range.variant_id == id);
            ranges.map(|range| u32::from(range.range_end.saturating_sub(range.range_start)) + 1).sum()
        };
        let variants = experiment.variants.iter();
        let variant =
            variants.map(|it| PlannedVariant { id: it.id, key: it.key.clone(), buckets: buckets(it.id) });
        Self {
            status: experiment.status,
            hypothesis: experiment.hypothesis.clone(),
            significance_level: experiment.significance_level,
            target_sample_size: experiment.target_sample_size,
            minimum_days: experiment.minimum_days,
            primary_metric: experiment.primary().map(str::to_owned),
            guardrail_metrics: experiment.guardrail_metrics.clone(),
            variants: variant.collect(),
            metrics: metrics.into_iter().map(PlannedMetric::from).collect(),
        }
    }
}

impl From<Metric> for PlannedMetric {
    fn from(metric: Metric) -> Self {
        Self {
            key: metric.key,
            name: metric.name,
            definition: metric.definition,
            direction: metric.direction,
            minimum_effect: metric.minimum_effect,
            guardrail_margin: metric.guardrail_margin,
        }
    }
}
