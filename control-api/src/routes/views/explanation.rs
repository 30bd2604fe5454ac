//! Explanations and overlaps as answers show them. Their parts are the core's own.

use lotwise_core::explain::FullExplanation;
use lotwise_core::overlap::Overlap;
use serde::Serialize;
use utoipa::ToSchema;

/// Decisions about one subject, and how they came about. Like decide, in `snake_case`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Explanation)]
pub struct ExplanationView {
    /// The environment's name.
    pub environment: String,
    /// The version whose document was decided on; null: one that `assign` decided on.
    pub config_version: Option<i64>,
    /// The SHA-256 of that document.
    pub snapshot_sha256: String,
    /// Whose decisions they are.
    pub user_key: String,
    /// In key order: `experiment_key`, `variant_key`, `reason`, `bucket`, `rules`, `targeting_rules`,
    /// `segments`, `gates` and what they were decided by.
    #[schema(value_type = Vec<Object>)]
    pub decisions: Vec<FullExplanation>,
}

/// Pairs of running experiments and the traffic that they share.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Overlaps)]
pub struct OverlapView {
    /// The environment's name.
    pub environment: String,
    /// The version that was looked at; null: the rows as they are now.
    pub version: Option<i64>,
    /// In key order: `experiments`, `kind` (`exclusive`, `exact`, `independent`, `not_guaranteed`), the
    /// `reason` why it is none, `share`, the same as `fraction`, and `exceptions`.
    #[schema(value_type = Vec<Object>)]
    pub overlaps: Vec<Overlap>,
}
