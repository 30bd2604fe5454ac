//! Changing and revoking tokens.

use sqlx::PgConnection;
use uuid::Uuid;

use super::create::{entry, resolve};
use super::find::find;
use crate::domain::actor::Actor;
use crate::domain::experiment::require_version;
use crate::domain::scope::Scope;
use crate::domain::token::{Token, TokenPatch};
use crate::store::audit::record;
use crate::store::{Store, StoreResult, now};

const LOCK: &str = " for update of tokens";

impl Store {
    /// Changes a token within `scope`, the caller's own, to something within it.
    pub async fn update_token(
        &self,
        actor: &Actor,
        scope: &Scope,
        id: Uuid,
        expected: Option<i64>,
        patch: TokenPatch,
    ) -> StoreResult<Token> {
        let mut transaction = self.pool.begin().await?;
        let mut token = find(&mut transaction, id, scope, LOCK).await?;
        require_version(token.version, expected)?;
        token.require_not_revoked()?;
        let entry = entry(&token, "update").before(&token)?;
        if let Some(environments) = patch.environments {
            let resolved = resolve(&mut transaction, scope, environments).await?;
            (token.environment_ids, token.environments) = resolved;
        }
        token.name = patch.name.unwrap_or(token.name);
        token.role = patch.role.unwrap_or(token.role);
        token.expires_at = patch.expires_at.unwrap_or(token.expires_at);
        save(&mut transaction, &mut token).await?;
        record(&mut transaction, actor, entry.after(&token)?).await?;
        transaction.commit().await?;
        Ok(token)
    }

    /// Takes a token within `scope` back, for good. Again it changes nothing.
    pub async fn revoke_token(
        &self,
        actor: &Actor,
        scope: &Scope,
        id: Uuid,
        expected: Option<i64>,
    ) -> StoreResult<()> {
        let mut transaction = self.pool.begin().await?;
        let mut token = find(&mut transaction, id, scope, LOCK).await?;
        require_version(token.version, expected)?;
        if token.revoked_at.is_some() {
            return Ok(());
        }
        let entry = entry(&token, "revoke").before(&token)?;
        token.revoked_at = Some(now());
        save(&mut transaction, &mut token).await?;
        record(&mut transaction, actor, entry.after(&token)?).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Writes it under the next version. When it was last used others write.
async fn save(connection: &mut PgConnection, token: &mut Token) -> StoreResult<()> {
    token.version += 1;
    token.updated_at = now();
    let sql = "update tokens set name = $2, role = $3, environments = $4, expires_at = $5, revoked_at = $6, \
               version = $7, updated_at = $8 where id = $1";
    sqlx::query(sql)
        .bind(token.id)
        .bind(&token.name)
        .bind(token.role.as_str())
        .bind(&token.environment_ids)
        .bind(token.expires_at)
        .bind(token.revoked_at)
        .bind(token.version)
        .bind(token.updated_at)
        .execute(connection)
        .await?;
    Ok(())
}
