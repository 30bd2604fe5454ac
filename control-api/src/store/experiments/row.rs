//! Rows as the database has them, and the aggregate they become.

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use sqlx::FromRow;
use uuid::Uuid;

use super::attached::Attached;
use crate::domain::allocation::Allocation;
use crate::domain::experiment::{Experiment, Hash};
use crate::domain::status::Status;
use crate::domain::surroundings::Surroundings;
use crate::domain::variant::Variant;
use crate::store::{StoreError, StoreResult};

/// The columns of [`ExperimentRow`]; `json` columns come as text, so that their bytes stay.
pub(super) const COLUMNS: &str = "experiments.id, environment_id, environments.name as environment, key, \
     experiments.name, description, hypothesis, status, winner_variant_id, salt, hash, bucket_by, \
     sticky, client_side, traffic_allocation, targeting_rules::text, rules::text, metrics, \
     primary_metric, guardrail_metrics, minimum_days, \
     target_sample_size, significance_level, experiments.version, experiments.created_at, \
     experiments.updated_at, started_at, concluded_at, archived_at \
     from experiments join environments on environments.id = environment_id";

#[derive(FromRow)]
pub(super) struct ExperimentRow {
    pub(super) id: Uuid,
    pub(super) environment_id: Uuid,
    environment: String,
    key: String,
    name: String,
    description: Option<String>,
    hypothesis: Option<String>,
    status: String,
    winner_variant_id: Option<Uuid>,
    salt: String,
    hash: String,
    bucket_by: String,
    sticky: bool,
    client_side: bool,
    traffic_allocation: i16,
    targeting_rules: String,
    rules: String,
    metrics: Vec<String>,
    primary_metric: Option<String>,
    guardrail_metrics: Vec<String>,
    minimum_days: i32,
    target_sample_size: Option<i64>,
    significance_level: f64,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    concluded_at: Option<DateTime<Utc>>,
    archived_at: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
pub(super) struct VariantRow {
    pub(super) experiment_id: Uuid,
    id: Uuid,
    key: String,
    name: String,
    payload: String,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(FromRow)]
pub(super) struct AllocationRow {
    pub(super) experiment_id: Uuid,
    variant_id: Uuid,
    range_start: i16,
    range_end: i16,
}

impl ExperimentRow {
    pub(super) fn into_experiment(
        self,
        variants: Vec<Variant>,
        allocations: Vec<Allocation>,
        attached: &mut Attached,
    ) -> StoreResult<Experiment> {
        let winner = self.winner_variant_id.and_then(|id| variants.iter().find(|it| it.id == id));
        Ok(Experiment {
            id: self.id,
            environment_id: self.environment_id,
            environment: self.environment,
            key: self.key,
            name: self.name,
            description: self.description,
            hypothesis: self.hypothesis,
            status: Status::parse(&self.status).ok_or_else(|| unreadable("status"))?,
            winner: winner.map(|variant| variant.key.clone()),
            salt: self.salt,
            hash: Hash::parse(&self.hash).ok_or_else(|| unreadable("hash"))?,
            bucket_by: self.bucket_by,
            sticky: self.sticky,
            client_side: self.client_side,
            traffic_allocation: bucket(self.traffic_allocation)?,
            targeting_rules: serde_json::from_str(&self.targeting_rules)
                .map_err(|_| unreadable("targeting_rules"))?,
            rules: serde_json::from_str(&self.rules).map_err(|_| unreadable("rules"))?,
            metrics: self.metrics,
            primary_metric: self.primary_metric,
            guardrail_metrics: self.guardrail_metrics,
            minimum_days: self.minimum_days,
            target_sample_size: self.target_sample_size,
            significance_level: self.significance_level,
            variants,
            allocations,
            prerequisites: attached.prerequisites.remove(&self.id).unwrap_or_default(),
            group: attached.groups.remove(&self.id),
            holdouts: attached.holdouts(self.environment_id, self.id),
            overrides: attached.overrides.remove(&self.id).unwrap_or_default(),
            surroundings: Surroundings {
                segments: attached.segments(self.environment_id),
                ..Surroundings::default()
            },
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
            started_at: self.started_at,
            concluded_at: self.concluded_at,
            archived_at: self.archived_at,
        })
    }
}

impl TryFrom<VariantRow> for Variant {
    type Error = StoreError;

    fn try_from(row: VariantRow) -> StoreResult<Self> {
        Ok(Self {
            id: row.id,
            key: row.key,
            name: row.name,
            payload: RawValue::from_string(row.payload).map_err(|_| unreadable("payload"))?,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl TryFrom<AllocationRow> for Allocation {
    type Error = StoreError;

    fn try_from(row: AllocationRow) -> StoreResult<Self> {
        Ok(Self {
            variant_id: row.variant_id,
            range_start: bucket(row.range_start)?,
            range_end: bucket(row.range_end)?,
        })
    }
}

fn bucket(number: i16) -> StoreResult<u16> {
    number.try_into().map_err(|_| unreadable("range"))
}

/// Constraints and the only writer keep this from happening; a newer program's rows may not.
fn unreadable(what: &str) -> StoreError {
    StoreError::Internal(format!("a stored {what} cannot be read by this program"))
}
