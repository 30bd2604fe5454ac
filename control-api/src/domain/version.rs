//! Versions: what an environment published, one record each.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// How far a version has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum VersionState {
    /// Recorded; a job carries it to the store.
    Pending,
    /// Readers see it, or a later one.
    Published,
    /// It never reached readers and never will.
    Failed,
}

impl VersionState {
    /// The name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Published => "published",
            Self::Failed => "failed",
        }
    }

    /// The state of that name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Published, Self::Failed].into_iter().find(|s| s.as_str() == text)
    }
}

/// One version without its documents.
#[derive(Clone, Debug)]
pub struct Version {
    /// Stable identifier.
    pub id: Uuid,
    /// The environment it belongs to.
    pub environment_id: Uuid,
    /// That environment's name.
    pub environment: String,
    /// Counts up in its environment.
    pub version: i64,
    /// How far it has come.
    pub state: VersionState,
    /// Who published it.
    pub author: String,
    /// Why, if they said so.
    pub note: Option<String>,
    /// Digest and size of the full document.
    pub full: Digest,
    /// Digest and size of the client document.
    pub client: Digest,
    /// What differs from the version before, by experiment key.
    pub changes: Vec<Change>,
    /// What it cannot hold to.
    pub warnings: Vec<Warning>,
    /// Why it failed, in words that may be shown.
    pub failure: Option<String>,
    /// The `published_at` of its documents.
    pub created_at: DateTime<Utc>,
    /// When it was published or failed.
    pub finished_at: Option<DateTime<Utc>>,
    /// The earlier version whose content it brought back.
    pub rolled_back_to: Option<i64>,
}

/// What identifies a document's bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Digest {
    /// SHA-256, in hex.
    pub sha256: String,
    /// Length.
    pub bytes: i64,
}

/// What a version cannot hold to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Warning {
    /// Stable name of the warning.
    pub code: String,
    /// For people.
    pub detail: String,
    /// The experiment that it is about.
    pub experiment_key: Option<String>,
}

/// What happened to one experiment between two versions.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// The experiment.
    pub experiment_key: String,
    /// What happened to it.
    pub change: ChangeKind,
}

/// The kinds of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// Not in the version before.
    Added,
    /// In both, with other content.
    Changed,
    /// Only in the version before.
    Removed,
}
