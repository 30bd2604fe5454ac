//! Keys of environments as answers show them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::environment_key::{EnvironmentKey, KeyKind};

/// What pages or servers bring. The secret is nowhere.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EnvironmentKey)]
pub struct EnvironmentKeyView {
    /// Stable identifier.
    pub id: Uuid,
    /// The environment that it holds for.
    pub environment_id: Uuid,
    /// That environment's name.
    pub environment: String,
    /// Who it is for.
    pub kind: KeyKind,
    /// For people.
    pub name: String,
    /// Grows when it is revoked.
    pub version: i64,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was last used, give or take a minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewEnvironmentKey)]
pub struct NewEnvironmentKeyView {
    /// All that will be shown from now on.
    #[serde(flatten)]
    pub made: EnvironmentKeyView,
    /// `pk_…` or `sk_…`: the key itself, shown this once.
    pub key: String,
}

impl From<EnvironmentKey> for EnvironmentKeyView {
    fn from(it: EnvironmentKey) -> Self {
        Self {
            id: it.id,
            environment_id: it.environment_id,
            environment: it.environment,
            kind: it.kind,
            name: it.name,
            version: it.version,
            created_by: it.created_by,
            created_at: it.created_at,
            revoked_at: it.revoked_at,
            last_used_at: it.last_used_at,
        }
    }
}
