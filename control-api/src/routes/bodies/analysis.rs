//! Bodies of metrics and plans.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::metric::Direction;
use crate::domain::rules::Condition;

/// A metric of an experiment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum NamedMetric {
    /// By key alone.
    Key(String),
    /// With the role that it plays.
    WithRole(MetricWithRole),
}

/// A metric and the role that it plays.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MetricWithRole {
    /// The metric's key.
    pub key: String,
    /// `primary`, `secondary` or `guardrail`.
    pub role: Option<String>,
}

/// A new metric. `key` or `name` is needed, and `kind`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateMetric {
    /// Unique in the environment; made from `name` when absent.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
    pub key: Option<String>,
    /// For people; the key when absent.
    #[schema(max_length = 256)]
    pub name: Option<String>,
    /// For people.
    #[schema(max_length = 16384)]
    pub description: Option<String>,
    /// May be absent while there is one environment; with none, `default` is made.
    pub environment_id: Option<Uuid>,
    /// The environment's name, instead of its id.
    pub environment: Option<String>,
    /// `conversion`, `count`, `sum` (`revenue` is the same), `ratio`, `quantile` or `retention`.
    pub kind: String,
    /// The events that count; the key when absent.
    #[schema(max_length = 128)]
    pub event_name: Option<String>,
    /// The property that is added up; `value`, the event's own, for sums and quantiles when absent.
    #[schema(max_length = 128)]
    pub value_property: Option<String>,
    /// Of ratios: the events below the line.
    #[schema(max_length = 128)]
    pub denominator_event: Option<String>,
    /// Of ratios: the property below the line; events are counted when absent.
    #[schema(max_length = 128)]
    pub denominator_property: Option<String>,
    /// Of quantiles: the level, such as 0.95.
    #[schema(exclusive_minimum = 0, exclusive_maximum = 1)]
    pub quantile: Option<f64>,
    /// Conditions on the properties of the events above the line: eq, neq, in, notIn, gt, gte, lt, lte,
    /// contains, startsWith, exists, notExists.
    pub filters: Option<Vec<Condition>>,
    /// Seconds from first exposure until events begin to count; 0 when absent.
    #[schema(minimum = 0)]
    pub window_start_seconds: Option<i64>,
    /// Seconds from first exposure until they no longer count; for good when absent.
    #[schema(minimum = 0)]
    pub window_end_seconds: Option<i64>,
    /// Users below this quantile are drawn up to it.
    #[schema(exclusive_minimum = 0, exclusive_maximum = 1)]
    pub winsor_lower: Option<f64>,
    /// Users above this quantile are drawn down to it; 0.99 for sums and counts when absent, null: off.
    #[schema(exclusive_minimum = 0, exclusive_maximum = 1)]
    pub winsor_upper: Option<f64>,
    /// `increase` when absent.
    pub direction: Option<Direction>,
    /// The smallest relative effect that matters.
    #[schema(exclusive_minimum = 0, maximum = 10)]
    pub minimum_effect: Option<f64>,
    /// The relative loss that a guardrail puts up with. Without one a guardrail passes only by improving.
    #[schema(exclusive_minimum = 0, maximum = 10)]
    pub guardrail_margin: Option<f64>,
    /// Seconds before first exposure that CUPED's covariate is taken from; no CUPED when absent.
    #[schema(minimum = 1)]
    pub pre_period_seconds: Option<i64>,
}

/// Fields to change; absent ones stay, null empties those that can be empty.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateMetric {
    /// For people.
    #[schema(max_length = 256)]
    pub name: Option<String>,
    /// For people.
    #[schema(max_length = 16384)]
    pub description: Option<String>,
    /// The events that count.
    #[schema(max_length = 128)]
    pub event_name: Option<String>,
    /// The property that is added up.
    #[schema(max_length = 128)]
    pub value_property: Option<String>,
    /// The events below the line.
    #[schema(max_length = 128)]
    pub denominator_event: Option<String>,
    /// The property below the line.
    #[schema(max_length = 128)]
    pub denominator_property: Option<String>,
    /// The level.
    #[schema(exclusive_minimum = 0, exclusive_maximum = 1)]
    pub quantile: Option<f64>,
    /// Conditions on the events' properties, as a whole.
    pub filters: Option<Vec<Condition>>,
    /// When events begin to count.
    #[schema(minimum = 0)]
    pub window_start_seconds: Option<i64>,
    /// When they no longer count.
    #[schema(minimum = 0)]
    pub window_end_seconds: Option<i64>,
    /// The lower cap.
    #[schema(exclusive_minimum = 0, exclusive_maximum = 1)]
    pub winsor_lower: Option<f64>,
    /// The upper cap.
    #[schema(exclusive_minimum = 0, exclusive_maximum = 1)]
    pub winsor_upper: Option<f64>,
    /// Which way is better.
    pub direction: Option<Direction>,
    /// The smallest relative effect that matters.
    #[schema(exclusive_minimum = 0, maximum = 10)]
    pub minimum_effect: Option<f64>,
    /// The relative loss that a guardrail puts up with.
    #[schema(exclusive_minimum = 0, maximum = 10)]
    pub guardrail_margin: Option<f64>,
    /// The pre-period.
    #[schema(minimum = 1)]
    pub pre_period_seconds: Option<i64>,
}

/// A plan. `effect` or `effectRel` is needed unless `solve` is `mde`; means need `sd`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Power {
    /// `sample_size` (when absent), `power`, `mde` or `runtime`.
    pub solve: Option<String>,
    /// `proportion` (when absent; also `conversion`, `retention`) or `mean` (also `count`, `sum`, `revenue`,
    /// `ratio`, `quantile`).
    pub kind: Option<String>,
    /// `sequential` (when absent) or `fixed`.
    pub method: Option<String>,
    /// The control's rate or mean.
    pub baseline: Option<f64>,
    /// The standard deviation over users; means only.
    pub sd: Option<f64>,
    /// The effect in the metric's unit.
    pub effect: Option<f64>,
    /// Or the effect as a share of the baseline.
    pub effect_rel: Option<f64>,
    /// 0.05 when absent.
    pub alpha: Option<f64>,
    /// 0.8 when absent.
    pub power: Option<f64>,
    /// Treatment users per control user; 1 when absent.
    pub ratio: Option<f64>,
    /// 1 or 2; 2 when absent.
    pub sides: Option<u32>,
    /// Primary metrics times treatments; 1 when absent.
    pub comparisons: Option<u32>,
    /// Correlation with the pre-period, for CUPED; 0 when absent.
    pub cuped_rho: Option<f64>,
    /// The control's users.
    pub n_control: Option<u64>,
    /// The treatment's users.
    pub n_treatment: Option<u64>,
    /// The planned users of both; sequential only.
    pub n_star: Option<u64>,
    /// New users per day.
    pub daily_units: Option<f64>,
    /// The share of them that enters; 1 when absent.
    pub traffic_share: Option<f64>,
    /// 7 when absent.
    pub min_days: Option<f64>,
    /// Take the users per day from this experiment's last two weeks; id or `environment:key`.
    pub experiment_id: Option<String>,
    /// Take the users per day from this environment's last two weeks; id or name.
    pub environment: Option<String>,
}
