//! Bodies of weights, publishing and explaining.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

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
