//! Version rows without their documents.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use crate::domain::version::{Digest, Version, VersionState};
use crate::store::{StoreError, StoreResult};

/// The columns of [`VersionRow`].
pub(super) const COLUMNS: &str = "versions.id, environment_id, environments.name as environment, \
     versions.version, state, author, note, sha256, octet_length(document)::bigint as bytes, \
     client_sha256, octet_length(client_document)::bigint as client_bytes, changes::text, warnings::text, failure, \
     versions.created_at, finished_at, rolled_back_to \
     from versions join environments on environments.id = environment_id";

#[derive(FromRow)]
pub(super) struct VersionRow {
    id: Uuid,
    environment_id: Uuid,
    environment: String,
    version: i64,
    state: String,
    author: String,
    note: Option<String>,
    sha256: String,
    bytes: i64,
    client_sha256: String,
    client_bytes: i64,
    changes: String,
    warnings: String,
    failure: Option<String>,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    rolled_back_to: Option<i64>,
}

impl TryFrom<VersionRow> for Version {
    type Error = StoreError;

    fn try_from(row: VersionRow) -> StoreResult<Self> {
        let unreadable = || StoreError::Internal("a stored version cannot be read".to_owned());
        Ok(Self {
            id: row.id,
            environment_id: row.environment_id,
            environment: row.environment,
            version: row.version,
            state: VersionState::parse(&row.state).ok_or_else(unreadable)?,
            author: row.author,
            note: row.note,
            full: Digest { sha256: row.sha256, bytes: row.bytes },
            client: Digest { sha256: row.client_sha256, bytes: row.client_bytes },
            changes: serde_json::from_str(&row.changes).map_err(|_| unreadable())?,
            warnings: serde_json::from_str(&row.warnings).map_err(|_| unreadable())?,
            failure: row.failure,
            created_at: row.created_at,
            finished_at: row.finished_at,
            rolled_back_to: row.rolled_back_to,
        })
    }
}
