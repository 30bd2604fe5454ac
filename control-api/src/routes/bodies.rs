//! What bodies look like, for the OpenAPI document. They are read by hand, to name every fault at
//! once; every field may also be written in `snake_case`.

use chrono::{DateTime, Utc};
mod resources;

use std::collections::BTreeMap;

pub use resources::*;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::environment_key::KeyKind;
use crate::domain::experiment::Hash;
use crate::domain::metric::Direction;
use crate::domain::prerequisite::Prerequisite;
use crate::domain::role::Role;
use crate::domain::rules::{Condition, DeliveryRule, TargetingRule};
use crate::domain::status::Status;

/// A new environment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateEnvironment {
    /// Unique, and no word that paths need, such as `api`.
    #[schema(pattern = "^[a-z0-9][a-z0-9-]{0,62}$")]
    pub name: String,
    /// Whether new experiments are published to pages unless they say otherwise.
    pub client_side_default: Option<bool>,
}

/// A new token.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateToken {
    /// For people; the history says `token:` and this name. One live token has it at a time.
    #[schema(min_length = 1, max_length = 128)]
    pub name: String,
    /// What its holder may do.
    pub role: Role,
    /// Ids or names of the environments that it holds for; all of them when absent.
    #[schema(min_items = 1, max_items = 1000)]
    pub environments: Option<Vec<String>>,
    /// From when on it is worth nothing; never when absent.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Fields to change; absent ones stay.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateToken {
    /// For people.
    #[schema(min_length = 1, max_length = 128)]
    pub name: Option<String>,
    /// What its holder may do.
    pub role: Option<Role>,
    /// Ids or names of the environments that it holds for; null: all of them.
    #[schema(min_items = 1, max_items = 1000)]
    pub environments: Option<Vec<String>>,
    /// From when on it is worth nothing; null: never.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A new key of an environment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateEnvironmentKey {
    /// Who it is for.
    pub kind: KeyKind,
    /// For people; the kind when absent.
    #[schema(min_length = 1, max_length = 128)]
    pub name: Option<String>,
}

/// Fields to change; absent ones stay. The name never changes: published paths begin with it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateEnvironment {
    /// Whether new experiments are published to pages unless they say otherwise.
    pub client_side_default: Option<bool>,
}

/// A new experiment. `key` or `name` is needed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateExperiment {
    /// Unique in the environment; made from `name` when absent.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
    pub key: Option<String>,
    /// For people; the key when absent.
    #[schema(max_length = 256)]
    pub name: Option<String>,
    /// For people.
    #[schema(max_length = 16384)]
    pub description: Option<String>,
    /// What it is to find out.
    #[schema(max_length = 16384)]
    pub hypothesis: Option<String>,
    /// May be absent while there is one environment; with none, `default` is made.
    pub environment_id: Option<Uuid>,
    /// The environment's name, instead of its id.
    pub environment: Option<String>,
    /// With `weight` or `allocation` on all of them, or on none.
    pub variants: Option<Vec<CreateVariant>>,
    /// Who is eligible; empty: everyone.
    pub targeting_rules: Option<Vec<TargetingRule>>,
    /// Deliveries ahead of the split.
    pub rules: Option<Vec<DeliveryRule>>,
    /// The attribute that is hashed; `user_key` when absent.
    #[schema(max_length = 512)]
    pub bucket_by: Option<String>,
    /// The share of users that weights divide, in steps of 0.0001; 1 when absent.
    #[schema(minimum = 0, maximum = 1)]
    pub traffic_allocation: Option<f64>,
    /// Metrics, by key or with a role; unknown keys become conversion metrics of that event name.
    pub metrics: Option<Vec<NamedMetric>>,
    /// The metric that decides; when absent the one with the role `primary`, else the one with the key
    /// `conversion`, else the first that is no guardrail.
    pub primary_metric: Option<String>,
    /// Those of the metrics that must not be harmed.
    pub guardrail_metrics: Option<Vec<String>>,
    /// Days that have to pass before there is a verdict; 7 when absent.
    #[schema(minimum = 0, maximum = 365)]
    pub minimum_days: Option<i32>,
    /// Subjects that the analysis waits for.
    #[schema(minimum = 1)]
    pub target_sample_size: Option<i64>,
    /// Between 0 and 1; 0.05 when absent.
    #[schema(exclusive_minimum = 0, exclusive_maximum = 1)]
    pub significance_level: Option<f64>,
    /// What other experiments must have given first.
    pub prerequisites: Option<Vec<Prerequisite>>,
    /// The mutual-exclusion group to join.
    pub group_key: Option<String>,
    /// `murmur3` when absent.
    pub hash: Option<Hash>,
    /// Distinct in the environment; 128 random bits when absent.
    #[schema(max_length = 256)]
    pub salt: Option<String>,
    /// Whether hosts remember what they assign.
    pub sticky: Option<bool>,
    /// Whether pages get it; the environment's default when absent.
    pub client_side: Option<bool>,
}

/// A new variant. `key` or `name` is needed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateVariant {
    /// Unique in the experiment; made from `name` when absent.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
    pub key: Option<String>,
    /// For people; the key when absent.
    #[schema(max_length = 256)]
    pub name: Option<String>,
    /// Any JSON, kept byte for byte; null when absent. `config` is the same field.
    pub payload: Option<Value>,
    /// The share of the admitted users, 0 to 1; those of all variants add up to 1. Only while the
    /// experiment is created.
    #[schema(minimum = 0, maximum = 1)]
    pub allocation: Option<f64>,
    /// The share in whole parts of any total, instead of `allocation`.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub weight: Option<u32>,
}

/// A new variant of an experiment that exists.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddVariant {
    /// Unique in the experiment; made from `name` when absent.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
    pub key: Option<String>,
    /// For people; the key when absent.
    #[schema(max_length = 256)]
    pub name: Option<String>,
    /// Any JSON, kept byte for byte; null when absent. `config` is the same field.
    pub payload: Option<Value>,
}

/// Fields to change; absent ones stay.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateVariant {
    /// For people.
    #[schema(max_length = 256)]
    pub name: Option<String>,
    /// Any JSON, kept byte for byte. `config` is the same field.
    pub payload: Option<Value>,
}

/// Fields to change; absent ones stay, null empties those that can be empty.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateExperiment {
    /// For people.
    #[schema(max_length = 256)]
    pub name: Option<String>,
    /// For people.
    #[schema(max_length = 16384)]
    pub description: Option<String>,
    /// What it is to find out.
    #[schema(max_length = 16384)]
    pub hypothesis: Option<String>,
    /// Who is eligible, as a whole.
    pub targeting_rules: Option<Vec<TargetingRule>>,
    /// Deliveries ahead of the split, as a whole.
    pub rules: Option<Vec<DeliveryRule>>,
    /// What other experiments must have given first, as a whole.
    pub prerequisites: Option<Vec<Prerequisite>>,
    /// Drafts only: the group to join. Null leaves it, unless the experiment is RUNNING.
    pub group_key: Option<String>,
    /// Metrics, by key or with a role, as a whole; unknown keys become conversion metrics.
    pub metrics: Option<Vec<NamedMetric>>,
    /// The metric that decides.
    pub primary_metric: Option<String>,
    /// Those of the metrics that must not be harmed, as a whole.
    pub guardrail_metrics: Option<Vec<String>>,
    /// Days that have to pass before there is a verdict.
    #[schema(minimum = 0, maximum = 365)]
    pub minimum_days: Option<i32>,
    /// Subjects that the analysis waits for.
    #[schema(minimum = 1)]
    pub target_sample_size: Option<i64>,
    /// Between 0 and 1.
    #[schema(exclusive_minimum = 0, exclusive_maximum = 1)]
    pub significance_level: Option<f64>,
    /// Whether hosts remember what they assign.
    pub sticky: Option<bool>,
    /// Whether pages get it.
    pub client_side: Option<bool>,
    /// Drafts only: it decides every user's bucket.
    #[schema(max_length = 512)]
    pub bucket_by: Option<String>,
    /// Drafts only.
    pub hash: Option<Hash>,
    /// Drafts only.
    #[schema(max_length = 256)]
    pub salt: Option<String>,
}

/// Another status.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeStatus {
    /// Where to go.
    pub status: Status,
    /// For `CONCLUDED`: the key of the variant that everyone gets from now on.
    pub winner: Option<String>,
}

/// The end of an experiment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Conclude {
    /// The key of the variant that everyone gets from now on.
    pub winner: String,
}

/// Nothing; the body may be absent too.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// All allocations of an experiment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplaceAllocations {
    /// They may leave buckets out, and never overlap.
    pub allocations: Vec<ReplaceAllocation>,
}

/// Buckets of one variant, named by `variantId` or `variant`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplaceAllocation {
    /// The variant's id.
    pub variant_id: Option<Uuid>,
    /// The variant's key, instead of its id.
    pub variant: Option<String>,
    /// First bucket.
    #[schema(minimum = 0, maximum = 9999)]
    pub range_start: u16,
    /// Last bucket, inclusive.
    #[schema(minimum = 0, maximum = 9999)]
    pub range_end: u16,
}

/// The weights of all variants.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetWeights {
    /// In whole parts of any total, up to 1,000,000 each, by variant key; 0 takes all buckets away.
    pub weights: BTreeMap<String, u32>,
    /// The share of users that the weights divide, in steps of 0.0001; as it was when absent.
    #[schema(minimum = 0, maximum = 1)]
    pub traffic_allocation: Option<f64>,
}

/// What to publish, and why; the body may be absent too.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Publish {
    /// Why, for the version record.
    #[schema(max_length = 16384)]
    pub note: Option<String>,
    /// The experiments to publish, by key; the others stay as they were published. All when absent.
    #[schema(min_items = 1, max_items = 10_000)]
    pub only: Option<Vec<String>>,
    /// `confirm` of the dry run that was agreed to.
    #[schema(max_length = 256)]
    pub confirm: Option<String>,
    /// With `dryRun=true`: subjects to try it on.
    #[schema(max_items = 100_000)]
    pub subjects: Option<Vec<SubjectBody>>,
    /// With `dryRun=true`: `exposures` tries it on the subjects of recent exposures.
    pub sample: Option<String>,
}

/// Why to go back; the body may be absent too.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RollBack {
    /// Why, for the version record.
    #[schema(max_length = 16384)]
    pub note: Option<String>,
    /// `confirm` of the dry run that was agreed to.
    #[schema(max_length = 256)]
    pub confirm: Option<String>,
    /// With `dryRun=true`: subjects to try it on.
    #[schema(max_items = 100_000)]
    pub subjects: Option<Vec<SubjectBody>>,
    /// With `dryRun=true`: `exposures` tries it on the subjects of recent exposures.
    pub sample: Option<String>,
}

/// Why to kill it; the body may be absent too.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Kill {
    /// Why, for the version record.
    #[schema(max_length = 16384)]
    pub note: Option<String>,
}

/// Whose decisions are to be explained, and by which document.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Explain {
    /// The environment's name or id.
    pub environment: String,
    /// A published version; the latest when absent.
    #[schema(minimum = 1)]
    pub version: Option<i64>,
    /// Instead of `version`: the SHA-256 of the document that was decided on, as exposures name it.
    #[schema(pattern = "^[0-9a-fA-F]{64}$")]
    pub snapshot_sha256: Option<String>,
    /// 1 to 512 bytes.
    #[schema(min_length = 1, max_length = 512)]
    pub user_key: String,
    /// Attributes, up to 64 KiB.
    #[schema(value_type = Option<Object>)]
    pub context: Option<Value>,
    /// What the subject was given before: variant key by experiment key.
    pub sticky: Option<BTreeMap<String, String>>,
    /// Only these experiments, by key; unknown ones are left out.
    #[schema(max_items = 1_000)]
    pub experiments: Option<Vec<String>>,
}

/// A subject as it would ask.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Subject)]
pub struct SubjectBody {
    /// 1 to 512 bytes.
    #[schema(min_length = 1, max_length = 512)]
    pub user_key: String,
    /// Attributes, up to 64 KiB.
    #[schema(value_type = Option<Object>)]
    pub context: Option<Value>,
    /// What it was given before: variant key by experiment key.
    pub sticky: Option<BTreeMap<String, String>>,
}

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

/// A user to assign. `userKey` is needed; it may be called `userId`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Assign {
    /// Who it is: 1 to 512 bytes of UTF-8, taken byte for byte.
    #[schema(min_length = 1, max_length = 512)]
    pub user_key: Option<String>,
    /// The same, instead of `userKey`.
    #[schema(min_length = 1, max_length = 512)]
    pub user_id: Option<String>,
    /// What is known of the user, for targeting: an object of at most 64 KiB.
    #[schema(value_type = Option<Object>)]
    pub context: Option<Value>,
}

/// Users to assign.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AssignMany {
    /// Up to 1,000, none of them twice.
    #[schema(max_items = 1000)]
    pub users: Vec<Assign>,
}
