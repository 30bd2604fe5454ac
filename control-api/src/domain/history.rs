//! The history of changes, as it is read.

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use uuid::Uuid;

/// One change.
#[derive(Clone, Debug)]
pub struct HistoryEntry {
    /// Sorts by time.
    pub id: Uuid,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Who did it.
    pub actor: String,
    /// With which token of the database.
    pub token_id: Option<Uuid>,
    /// On behalf of which request.
    pub request_id: Option<String>,
    /// In which environment.
    pub environment_id: Option<Uuid>,
    /// To which experiment, or to what belongs to it.
    pub experiment_id: Option<Uuid>,
    /// What kind of thing changed.
    pub resource: String,
    /// Which one.
    pub resource_id: Option<Uuid>,
    /// Its key or name.
    pub resource_key: String,
    /// What happened to it.
    pub action: String,
    /// The thing before; none: it was made.
    pub before: Option<Box<RawValue>>,
    /// The thing afterwards; none: it was deleted.
    pub after: Option<Box<RawValue>>,
}
