//! Version records as answers show them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::ExperimentView;
use crate::domain::preview::Preview;
use crate::domain::version::{Change, Digest, Version, VersionState, Warning};

/// What an environment published once.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Version)]
pub struct VersionView {
    /// Stable identifier.
    pub id: Uuid,
    /// The environment it belongs to.
    pub environment_id: Uuid,
    /// That environment's name.
    pub environment: String,
    /// Counts up in its environment; what readers report as `config_version`.
    pub version: i64,
    /// How far it has come.
    pub state: VersionState,
    /// Who published it.
    pub author: String,
    /// Why, if they said so.
    pub note: Option<String>,
    /// Of the full document, in hex.
    pub sha256: String,
    /// Length of the full document.
    pub bytes: i64,
    /// Digest and length of the client document.
    pub client: Digest,
    /// Every experiment that differs from the version before.
    pub changes: Vec<Change>,
    /// What it cannot hold to, such as exclusion where nothing is remembered.
    pub warnings: Vec<Warning>,
    /// Why it failed.
    pub failure: Option<String>,
    /// When it was asked for; the `published_at` of its documents.
    pub created_at: DateTime<Utc>,
    /// When it was published or failed.
    pub finished_at: Option<DateTime<Utc>>,
    /// The earlier version whose content it brought back.
    pub rolled_back_to: Option<i64>,
}

/// What a publish or a rollback answers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = PublishAnswer)]
pub enum PublishView {
    /// The version's record.
    Version(Box<VersionView>),
    /// Of a dry run: what would change.
    Preview(Box<Preview>),
}

/// What the kill switch came to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Killed)]
pub struct KillView {
    /// The experiment as it is now.
    pub experiment: ExperimentView,
    /// The version without it, or the present one where it is in none. Null: nothing was ever published.
    pub version: Option<VersionView>,
}

impl From<Version> for VersionView {
    fn from(it: Version) -> Self {
        Self {
            id: it.id,
            environment_id: it.environment_id,
            environment: it.environment,
            version: it.version,
            state: it.state,
            author: it.author,
            note: it.note,
            sha256: it.full.sha256,
            bytes: it.full.bytes,
            client: it.client,
            changes: it.changes,
            warnings: it.warnings,
            failure: it.failure,
            created_at: it.created_at,
            finished_at: it.finished_at,
            rolled_back_to: it.rolled_back_to,
        }
    }
}
