//! Metrics: what events say about users, and what experiments are judged by.

use chrono::{DateTime, Utc};
use lotwise_core::Fault;
use lotwise_core::document::is_environment_name;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::filter;
use super::key::is_key;
use super::refusal::Refusal;
use super::rules::Condition;

/// The name under which the event's own value is added up, where others name a property.
pub const OWN_VALUE: &str = "value";

/// The share of users below the upper cap of sums and counts that say nothing else.
pub const DEFAULT_WINSOR_UPPER: f64 = 0.99;

/// What an experiment can be judged by.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metric {
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
    /// What is made of a user's events.
    pub definition: Definition,
    /// Which way is better.
    pub direction: Direction,
    /// The smallest relative effect that matters.
    pub minimum_effect: Option<f64>,
    /// The relative loss that a guardrail puts up with.
    pub guardrail_margin: Option<f64>,
    /// Grows with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// What is made of a user's events: the part that sums depend on. Two metrics with equal definitions
/// have equal sums.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Definition {
    /// How events become a number per user.
    pub kind: MetricKind,
    /// The events that count.
    pub event_name: String,
    /// What is added up of each: a property, or [`OWN_VALUE`]; none: events are counted.
    pub value_property: Option<String>,
    /// Of ratios: the events below the line.
    pub denominator_event: Option<String>,
    /// Of ratios: what is added up below the line; none: events are counted.
    pub denominator_property: Option<String>,
    /// Of quantiles: the level, strictly between 0 and 1.
    pub quantile: Option<f64>,
    /// Conditions on the properties of the events above the line, all of which must hold.
    pub filters: Vec<Condition>,
    /// Seconds from first exposure until events begin to count.
    pub window_start_seconds: i64,
    /// Seconds from first exposure until events no longer count; none: for good.
    pub window_end_seconds: Option<i64>,
    /// The share of users at or below the lower cap.
    pub winsor_lower: Option<f64>,
    /// The share of users at or below the upper cap.
    pub winsor_upper: Option<f64>,
    /// Seconds before first exposure that CUPED's covariate is taken from; none: no CUPED.
    pub pre_period_seconds: Option<i64>,
}

/// How events become a number per user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MetricKind {
    /// Whether there was an event.
    Conversion,
    /// How many events there were.
    Count,
    /// What the events' values add up to, such as revenue.
    Sum,
    /// One total over another, of all users of a variant.
    Ratio,
    /// A quantile of the events' values, such as the 95th percentile of load times.
    Quantile,
    /// Whether there was an event in a window that begins some time after first exposure.
    Retention,
}

impl MetricKind {
    /// All kinds.
    pub const ALL: [Self; 6] =
        [Self::Conversion, Self::Count, Self::Sum, Self::Ratio, Self::Quantile, Self::Retention];

    /// The name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Conversion => "conversion",
            Self::Count => "count",
            Self::Sum => "sum",
            Self::Ratio => "ratio",
            Self::Quantile => "quantile",
            Self::Retention => "retention",
        }
    }

    /// The kind of that name; `revenue` is a sum.
    pub fn parse(text: &str) -> Option<Self> {
        let name = if text == "revenue" { "sum" } else { text };
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether a user either has it or not.
    pub fn is_yes_or_no(self) -> bool {
        matches!(self, Self::Conversion | Self::Retention)
    }
}

/// Which way is better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// More is better.
    #[default]
    Increase,
    /// Less is better.
    Decrease,
}

impl Direction {
    /// The name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Increase => "increase",
            Self::Decrease => "decrease",
        }
    }

    /// The direction of that name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Increase, Self::Decrease].into_iter().find(|it| it.as_str() == text)
    }
}

/// How a caller points at a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetricRef {
    /// By id.
    Id(Uuid),
    /// As `environment:key`.
    Key {
        /// The environment's name.
        environment: String,
        /// The metric's key.
        key: String,
    },
}

impl MetricRef {
    /// An id or a well-formed `environment:key`, else none.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(id) = text.parse() {
            return Some(Self::Id(id));
        }
        let (environment, key) = text.split_once(':')?;
        (is_environment_name(environment) && is_key(key))
            .then(|| Self::Key { environment: environment.to_owned(), key: key.to_owned() })
    }
}

/// A change to a metric. The inner option of a field is its new value.
#[derive(Clone, Debug, Default)]
pub struct MetricPatch {
    /// A new name.
    pub name: Option<String>,
    /// A new description.
    pub description: Option<Option<String>>,
    /// Other events to count.
    pub event_name: Option<String>,
    /// Another property to add up.
    pub value_property: Option<Option<String>>,
    /// Other events below the line.
    pub denominator_event: Option<Option<String>>,
    /// Another property below the line.
    pub denominator_property: Option<Option<String>>,
    /// Another level.
    pub quantile: Option<Option<f64>>,
    /// Other filters, as a whole.
    pub filters: Option<Vec<Condition>>,
    /// Another beginning of the window.
    pub window_start_seconds: Option<i64>,
    /// Another end of the window.
    pub window_end_seconds: Option<Option<i64>>,
    /// Another lower cap.
    pub winsor_lower: Option<Option<f64>>,
    /// Another upper cap.
    pub winsor_upper: Option<Option<f64>>,
    /// Another direction.
    pub direction: Option<Direction>,
    /// Another effect of interest.
    pub minimum_effect: Option<Option<f64>>,
    /// Another margin.
    pub guardrail_margin: Option<Option<f64>>,
    /// Another pre-period.
    pub pre_period_seconds: Option<Option<i64>>,
}

impl MetricPatch {
    /// Makes the change, all of it or nothing. The kind never changes.
    pub fn apply(self, metric: &mut Metric) -> Result<(), Refusal> {
        let it = &mut metric.definition;
        set(&mut metric.name, self.name);
        set(&mut metric.description, self.description);
        set(&mut metric.direction, self.direction);
        set(&mut metric.minimum_effect, self.minimum_effect);
        set(&mut metric.guardrail_margin, self.guardrail_margin);
        set(&mut it.event_name, self.event_name);
        set(&mut it.value_property, self.value_property);
        set(&mut it.denominator_event, self.denominator_event);
        set(&mut it.denominator_property, self.denominator_property);
        set(&mut it.quantile, self.quantile);
        set(&mut it.filters, self.filters);
        set(&mut it.window_start_seconds, self.window_start_seconds);
        set(&mut it.window_end_seconds, self.window_end_seconds);
        set(&mut it.winsor_lower, self.winsor_lower);
        set(&mut it.winsor_upper, self.winsor_upper);
        set(&mut it.pre_period_seconds, self.pre_period_seconds);
        it.require_sound()
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

impl Definition {
    /// Whether users with few or many events are drawn towards the others.
    pub fn is_winsorised(&self) -> bool {
        self.winsor_lower.is_some() || self.winsor_upper.is_some()
    }

    /// Every event name that it reads.
    pub fn event_names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.event_name.as_str()).chain(self.denominator_event.as_deref())
    }

    /// Refuses what does not go together, all of it at once.
    pub fn require_sound(&self) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        let mut fault = |pointer: &str, code: &'static str, detail: &str| {
            faults.push(Fault { pointer: pointer.to_owned(), code, detail: detail.to_owned() });
        };
        let kind = self.kind;
        if self.window_end_seconds.is_some_and(|end| end <= self.window_start_seconds) {
            fault("/windowEndSeconds", "window_order", "The window ends before it begins.");
        }
        if kind == MetricKind::Retention && self.window_start_seconds == 0 {
            let detail = "Retention looks at a window that begins after first exposure: say when.";
            fault("/windowStartSeconds", "required", detail);
        }
        if let (Some(lower), Some(upper)) = (self.winsor_lower, self.winsor_upper)
            && lower >= upper
        {
            fault("/winsorUpper", "winsor_order", "The upper cap must lie above the lower one.");
        }
        if self.is_winsorised() && !matches!(kind, MetricKind::Count | MetricKind::Sum) {
            let place = if self.winsor_upper.is_some() { "/winsorUpper" } else { "/winsorLower" };
            fault(place, "unexpected", "Only counts and sums are winsorised.");
        }
        match (kind, &self.denominator_event) {
            (MetricKind::Ratio, None) => {
                fault("/denominatorEvent", "required", "A ratio needs the events below the line.");
            }
            (MetricKind::Ratio, Some(_)) | (_, None) => {}
            (_, Some(_)) => fault("/denominatorEvent", "unexpected", "Only a ratio has a denominator."),
        }
        if self.denominator_property.is_some() && kind != MetricKind::Ratio {
            fault("/denominatorProperty", "unexpected", "Only a ratio has a denominator.");
        }
        match (kind, self.quantile) {
            (MetricKind::Quantile, None) => {
                fault("/quantile", "required", "Say which quantile, such as 0.95.");
            }
            (MetricKind::Quantile, Some(_)) | (_, None) => {}
            (_, Some(_)) => fault("/quantile", "unexpected", "Only a quantile metric has a level."),
        }
        match (kind, &self.value_property) {
            (MetricKind::Sum | MetricKind::Quantile, None) => {
                fault("/valueProperty", "required", "Say what is added up; `value` is the event's own.");
            }
            (MetricKind::Conversion | MetricKind::Count | MetricKind::Retention, Some(_)) => {
                fault("/valueProperty", "unexpected", "This kind looks at events, not at their values.");
            }
            _ => {}
        }
        if self.pre_period_seconds.is_some() && matches!(kind, MetricKind::Ratio | MetricKind::Quantile) {
            fault("/prePeriodSeconds", "unexpected", "CUPED works on totals per user only.");
        }
        faults.extend(filter::faults(&self.filters));
        if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(faults)) }
    }
}

/// The metric that an experiment means by a key that nobody has defined: whether there was an event of
/// that name.
pub fn implied(environment_id: Uuid, environment: &str, key: &str, now: DateTime<Utc>) -> Metric {
    Metric {
        id: Uuid::now_v7(),
        environment_id,
        environment: environment.to_owned(),
        key: key.to_owned(),
        name: key.to_owned(),
        description: None,
        definition: Definition {
            kind: MetricKind::Conversion,
            event_name: key.to_owned(),
            value_property: None,
            denominator_event: None,
            denominator_property: None,
            quantile: None,
            filters: Vec::new(),
            window_start_seconds: 0,
            window_end_seconds: None,
            winsor_lower: None,
            winsor_upper: None,
            pre_period_seconds: None,
        },
        direction: Direction::default(),
        minimum_effect: None,
        guardrail_margin: None,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}
