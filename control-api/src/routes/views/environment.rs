//! Environments as answers show them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::environment::Environment;

/// A place with its own experiments and its own published snapshots.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Environment)]
pub struct EnvironmentView {
    /// Stable identifier.
    pub id: Uuid,
    /// Unique; the first segment of every published path.
    pub name: String,
    /// Whether new experiments are published to pages unless they say otherwise.
    pub client_side_default: bool,
    /// Grows with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// The earlier version that a rollback brought back, until the next publish.
    pub rolled_back_to: Option<i64>,
}

impl From<Environment> for EnvironmentView {
    fn from(it: Environment) -> Self {
        let Environment { id, name, client_side_default, version, created_at, updated_at, rolled_back_to } =
            it;
        Self { id, name, client_side_default, version, created_at, updated_at, rolled_back_to }
    }
}
