//! Tokens as answers show them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::role::Role;
use crate::domain::token::Token;

/// Who may do what, and where. The secret is nowhere.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Token)]
pub struct TokenView {
    /// Stable identifier.
    pub id: Uuid,
    /// For people; the history says `token:` and this name.
    pub name: String,
    /// What its holder may do.
    pub role: Role,
    /// The names of the environments that it holds for; null: all of them.
    pub environments: Option<Vec<String>>,
    /// Grows with each change; also the `ETag`.
    pub version: i64,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// From when on it is worth nothing.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was last used, give or take a minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// A token that was just made.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewToken)]
pub struct NewTokenView {
    /// All that will be shown from now on.
    #[serde(flatten)]
    pub made: TokenView,
    /// `lw_…`: the token itself, shown this once.
    pub token: String,
}

impl From<Token> for TokenView {
    fn from(it: Token) -> Self {
        Self {
            id: it.id,
            name: it.name,
            role: it.role,
            environments: it.environments,
            version: it.version,
            created_by: it.created_by,
            created_at: it.created_at,
            updated_at: it.updated_at,
            expires_at: it.expires_at,
            revoked_at: it.revoked_at,
            last_used_at: it.last_used_at,
        }
    }
}
