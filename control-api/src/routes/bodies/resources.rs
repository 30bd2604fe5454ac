//! Bodies of segments, groups, holdouts and overrides.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::group::GroupMode;
use crate::domain::range::Range;
use crate::domain::rules::TargetingRule;

/// A new segment. `key` or `name` is needed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateSegment {
    /// Unique among the environment's segments; made from `name` when absent.
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
    /// Who is in it: whoever matches one of them; empty: nobody.
    pub rules: Option<Vec<TargetingRule>>,
}

/// Fields to change; absent ones stay, null empties the description.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateSegment {
    /// For people.
    #[schema(max_length = 256)]
    pub name: Option<String>,
    /// For people.
    #[schema(max_length = 16384)]
    pub description: Option<String>,
    /// Who is in it, as a whole.
    pub rules: Option<Vec<TargetingRule>>,
}

/// A new group. `key` or `name` is needed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateGroup {
    /// Unique among the environment's groups; made from `name` when absent.
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
    /// `slices` when absent; stays.
    pub mode: Option<GroupMode>,
    /// Distinct in the environment; 128 random bits when absent; stays.
    #[schema(max_length = 256)]
    pub salt: Option<String>,
    /// The attribute that is hashed; `user_key` when absent; stays.
    #[schema(max_length = 512)]
    pub bucket_by: Option<String>,
}

/// Fields to change; absent ones stay, null empties the description.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateGroup {
    /// For people.
    #[schema(max_length = 256)]
    pub name: Option<String>,
    /// For people.
    #[schema(max_length = 16384)]
    pub description: Option<String>,
}

/// How much of a group an experiment is to hold: one of the three.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClaimSlice {
    /// So many buckets, whichever are free.
    #[schema(minimum = 1, maximum = 10_000)]
    pub buckets: Option<u16>,
    /// So much of all 10,000 buckets, in steps of 0.0001.
    #[schema(exclusive_minimum = 0, maximum = 1)]
    pub share: Option<f64>,
    /// Exactly these.
    #[schema(min_items = 1)]
    pub ranges: Option<Vec<Range>>,
}

/// A new holdout. `key` or `name`, and `share` or `ranges`, are needed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateHoldout {
    /// Unique among the environment's holdouts; made from `name` when absent.
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
    /// The share of all users to withhold, in steps of 0.0001.
    #[schema(minimum = 0, maximum = 1)]
    pub share: Option<f64>,
    /// The buckets to withhold, instead of `share`.
    pub ranges: Option<Vec<Range>>,
    /// What it covers; `"all"` when absent.
    pub experiments: Option<CoveredBody>,
    /// Distinct in the environment; 128 random bits when absent; stays.
    #[schema(max_length = 256)]
    pub salt: Option<String>,
    /// The attribute that is hashed; `user_key` when absent; stays.
    #[schema(max_length = 512)]
    pub bucket_by: Option<String>,
}

/// Fields to change; absent ones stay, null empties the description.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateHoldout {
    /// For people.
    #[schema(max_length = 256)]
    pub name: Option<String>,
    /// For people.
    #[schema(max_length = 16384)]
    pub description: Option<String>,
    /// Another share; as many of today's users as possible stay.
    #[schema(minimum = 0, maximum = 1)]
    pub share: Option<f64>,
    /// Other buckets, instead of `share`.
    pub ranges: Option<Vec<Range>>,
    /// Other experiments, as a whole.
    pub experiments: Option<CoveredBody>,
}

/// `"all"`, for every experiment of the environment and those to come, or keys of experiments.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CoveredExperiments)]
#[serde(untagged)]
pub enum CoveredBody {
    /// Every one.
    All(AllWord),
    /// These.
    Listed(Vec<String>),
}

/// The word `all`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AllWord {
    /// The word.
    All,
}

/// The pin of a user.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetOverride {
    /// The key of the variant that the user is to get.
    pub variant: String,
}
