//! What bodies look like, for the OpenAPI document. They are read by hand, to name every fault at
//! once; every field may also be written in `snake_case`.

mod access;
mod analysis;
mod assign;
mod publishing;
mod resources;

pub use access::*;
pub use analysis::*;
pub use assign::*;
pub use publishing::*;
pub use resources::*;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::experiment::Hash;
use crate::domain::prerequisite::Prerequisite;
use crate::domain::rules::{DeliveryRule, TargetingRule};
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
