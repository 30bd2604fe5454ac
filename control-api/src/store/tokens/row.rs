//! Token rows.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use crate::domain::role::Role;
use crate::domain::token::Token;
use crate::store::{StoreError, StoreResult};

/// The columns of [`TokenRow`].
pub(super) const COLUMNS: &str = "tokens.id, tokens.name, role, tokens.environments as environment_ids, \
     array(select environments.name from unnest(tokens.environments) with ordinality as scope (id, place) \
       join environments on environments.id = scope.id order by place) as environments, \
     tokens.version, created_by, tokens.created_at, tokens.updated_at, expires_at, revoked_at, last_used_at";

#[derive(FromRow)]
pub(super) struct TokenRow {
    id: Uuid,
    name: String,
    role: String,
    environment_ids: Option<Vec<Uuid>>,
    environments: Vec<String>,
    version: i64,
    created_by: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
}

impl TryFrom<TokenRow> for Token {
    type Error = StoreError;

    fn try_from(row: TokenRow) -> StoreResult<Self> {
        let role = Role::parse(&row.role)
            .ok_or_else(|| StoreError::Internal("a stored role cannot be read".to_owned()))?;
        Ok(Self {
            id: row.id,
            name: row.name,
            role,
            environments: row.environment_ids.is_some().then_some(row.environments),
            environment_ids: row.environment_ids,
            version: row.version,
            created_by: row.created_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            last_used_at: row.last_used_at,
        })
    }
}
