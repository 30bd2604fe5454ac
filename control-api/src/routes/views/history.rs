//! Changes as answers show them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::history::HistoryEntry;

/// Who changed what when, with before and after.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = HistoryEntry)]
pub struct HistoryEntryView {
    /// Sorts by time.
    pub id: Uuid,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Who did it: `admin-token`, `token:` and its name, `key:` and its name, `job:` and what it does,
    /// or `anonymous`.
    pub actor: String,
    /// The token's id.
    pub token_id: Option<Uuid>,
    /// The `x-request-id` of the request that did it.
    pub request_id: Option<String>,
    /// Where it happened.
    pub environment_id: Option<Uuid>,
    /// The experiment that it happened to, or that the thing belongs to.
    pub experiment_id: Option<Uuid>,
    /// What kind of thing changed, such as `experiment`.
    pub resource: String,
    /// Which one.
    pub resource_id: Option<Uuid>,
    /// Its key or name at that time.
    pub resource_key: String,
    /// What happened to it, such as `create`, `update` or `delete`.
    pub action: String,
    /// The thing before; null: it was made.
    #[schema(value_type = Option<Object>)]
    pub before: Option<Box<RawValue>>,
    /// The thing afterwards; null: it was deleted.
    #[schema(value_type = Option<Object>)]
    pub after: Option<Box<RawValue>>,
}

impl From<HistoryEntry> for HistoryEntryView {
    fn from(it: HistoryEntry) -> Self {
        Self {
            id: it.id,
            at: it.at,
            actor: it.actor,
            token_id: it.token_id,
            request_id: it.request_id,
            environment_id: it.environment_id,
            experiment_id: it.experiment_id,
            resource: it.resource,
            resource_id: it.resource_id,
            resource_key: it.resource_key,
            action: it.action,
            before: it.before,
            after: it.after,
        }
    }
}
