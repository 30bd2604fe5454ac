//! Experiments as answers show them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::allocation::Allocation;
use crate::domain::experiment::{Experiment, Hash};
use crate::domain::layer::GroupMembership;
use crate::domain::prerequisite::Prerequisite;
use crate::domain::rules::{DeliveryRule, TargetingRule};
use crate::domain::status::Status;
use crate::domain::variant::Variant;

/// A feature flag or an A/B/n test, with its variants and allocations.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Experiment)]
pub struct ExperimentView {
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
    /// What it is to find out.
    pub hypothesis: Option<String>,
    /// Where it stands in its life.
    pub status: Status,
    /// The key of the variant that a concluded experiment gives.
    pub winner: Option<String>,
    /// Mixed into the bucket hash.
    pub salt: String,
    /// The bucket hash.
    pub hash: Hash,
    /// The attribute that is hashed.
    pub bucket_by: String,
    /// Whether hosts remember what they assign.
    pub sticky: bool,
    /// Whether pages get it too.
    pub client_side: bool,
    /// The share of users that weights were divided among when it was made; allocations that were
    /// set since are what counts.
    pub traffic_allocation: f64,
    /// Who is eligible; empty: everyone.
    pub targeting_rules: Vec<TargetingRule>,
    /// Deliveries ahead of the split.
    pub rules: Vec<DeliveryRule>,
    /// Keys of the metrics it is judged by.
    pub metrics: Vec<String>,
    /// The one that decides.
    pub primary_metric: Option<String>,
    /// Those that must not be harmed.
    pub guardrail_metrics: Vec<String>,
    /// Days that have to pass before there is a verdict.
    pub minimum_days: i32,
    /// Subjects that the analysis waits for.
    pub target_sample_size: Option<i64>,
    /// The error of the first kind that the analysis allows.
    pub significance_level: f64,
    /// In their author's order.
    pub variants: Vec<VariantView>,
    /// In the order of buckets.
    pub allocations: Vec<AllocationView>,
    /// What other experiments must have given first.
    pub prerequisites: Vec<Prerequisite>,
    /// Its mutual-exclusion group, with the buckets of the group that it admits.
    pub group: Option<GroupMembership>,
    /// Grows with each change to any of the above; also the `ETag`.
    pub version: i64,
    /// Keys of the holdouts that cover it; they are changed there.
    pub holdouts: Vec<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When it first ran.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was last concluded.
    pub concluded_at: Option<DateTime<Utc>>,
    /// When it was archived.
    pub archived_at: Option<DateTime<Utc>>,
}

/// One of the things an experiment can give.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Variant)]
pub struct VariantView {
    /// Stable identifier.
    pub id: Uuid,
    /// Unique within the experiment.
    pub key: String,
    /// For people.
    pub name: String,
    /// Any JSON, byte for byte as it was sent.
    #[schema(value_type = serde_json::Value)]
    pub payload: Box<RawValue>,
    /// Grows with each change; also the `ETag`.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// Buckets that belong to one variant.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Allocation)]
pub struct AllocationView {
    /// The variant's id.
    pub variant_id: Uuid,
    /// The variant's key.
    pub variant: String,
    /// First bucket.
    pub range_start: u16,
    /// Last bucket, inclusive.
    pub range_end: u16,
}

/// All allocations of an experiment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Allocations)]
pub struct AllocationsView {
    /// In the order of buckets.
    pub allocations: Vec<AllocationView>,
    /// The experiment's version; also the `ETag`.
    pub version: i64,
}

impl From<Variant> for VariantView {
    fn from(it: Variant) -> Self {
        let Variant { id, key, name, payload, version, created_at, updated_at } = it;
        Self { id, key, name, payload, version, created_at, updated_at }
    }
}

impl From<&Experiment> for AllocationsView {
    fn from(it: &Experiment) -> Self {
        let view = |allocation: &Allocation| AllocationView {
            variant_id: allocation.variant_id,
            variant: it.variant_key(allocation.variant_id).unwrap_or_default().to_owned(),
            range_start: allocation.range_start,
            range_end: allocation.range_end,
        };
        Self { allocations: it.allocations.iter().map(view).collect(), version: it.version }
    }
}

impl From<Experiment> for ExperimentView {
    fn from(it: Experiment) -> Self {
        let AllocationsView { allocations, version } = AllocationsView::from(&it);
        let primary_metric = it.primary().map(str::to_owned);
        Self {
            id: it.id,
            environment_id: it.environment_id,
            environment: it.environment,
            key: it.key,
            name: it.name,
            description: it.description,
            hypothesis: it.hypothesis,
            status: it.status,
            winner: it.winner,
            salt: it.salt,
            hash: it.hash,
            bucket_by: it.bucket_by,
            sticky: it.sticky,
            client_side: it.client_side,
            traffic_allocation: f64::from(it.traffic_allocation) / 10_000.0,
            targeting_rules: it.targeting_rules,
            rules: it.rules,
            metrics: it.metrics,
            primary_metric,
            guardrail_metrics: it.guardrail_metrics,
            minimum_days: it.minimum_days,
            target_sample_size: it.target_sample_size,
            significance_level: it.significance_level,
            variants: it.variants.into_iter().map(Into::into).collect(),
            allocations,
            prerequisites: it.prerequisites,
            group: it.group,
            holdouts: it.holdouts.into_iter().map(|holdout| holdout.key).collect(),
            version,
            created_at: it.created_at,
            updated_at: it.updated_at,
            started_at: it.started_at,
            concluded_at: it.concluded_at,
            archived_at: it.archived_at,
        }
    }
}
