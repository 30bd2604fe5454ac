//! Making tokens.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::actor::Actor;
use crate::domain::credential::NewCredential;
use crate::domain::refusal::Refusal;
use crate::domain::scope::Scope;
use crate::domain::token::{NamedEnvironment, NewToken, Token};
use crate::store::audit::{Entry, record};
use crate::store::{Store, StoreError, StoreResult, environments, now};

impl Store {
    /// Makes a token within `scope`, which is the maker's own: nobody gives more than they have.
    pub async fn create_token(
        &self,
        actor: &Actor,
        scope: &Scope,
        new: NewToken,
        credential: &NewCredential,
    ) -> StoreResult<Token> {
        let mut transaction = self.pool.begin().await?;
        let (environment_ids, environments) = resolve(&mut transaction, scope, new.environments).await?;
        let now = now();
        let token = Token {
            id: credential.id,
            name: new.name,
            role: new.role,
            environment_ids,
            environments,
            version: 1,
            created_by: actor.to_string(),
            created_at: now,
            updated_at: now,
            expires_at: new.expires_at,
            revoked_at: None,
            last_used_at: None,
        };
        let sql = "insert into tokens (id, name, role, environments, secret_sha256, created_by, \
                   created_at, updated_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $7, $8)";
        sqlx::query(sql)
            .bind(token.id)
            .bind(&token.name)
            .bind(token.role.as_str())
            .bind(&token.environment_ids)
            .bind(credential.digest().as_bytes().as_slice())
            .bind(&token.created_by)
            .bind(token.created_at)
            .bind(token.expires_at)
            .execute(&mut *transaction)
            .await?;
        record(&mut transaction, actor, entry(&token, "create").after(&token)?).await?;
        transaction.commit().await?;
        Ok(token)
    }
}

/// A change of a token, as the history keeps it.
pub(super) fn entry(token: &Token, action: &'static str) -> Entry {
    Entry {
        resource: "token",
        resource_id: Some(token.id),
        resource_key: token.name.clone(),
        action,
        ..Entry::default()
    }
}

/// Ids and names, in one order.
type Environments = (Option<Vec<Uuid>>, Option<Vec<String>>);

/// The environments that a body names, each once. Those outside `scope` do not exist for its maker.
pub(super) async fn resolve(
    connection: &mut PgConnection,
    scope: &Scope,
    named: Option<Vec<NamedEnvironment>>,
) -> StoreResult<Environments> {
    let Some(named) = named else {
        if scope.is_all() {
            return Ok((None, None));
        }
        let detail = "Your own token holds for some environments only: name those of the new one.";
        return Err(Refusal::fault("/environments", "beyond_own_scope", detail).into());
    };
    let (mut ids, mut names) = (Vec::new(), Vec::new());
    let mut faults = Vec::new();
    for NamedEnvironment { which, at } in named {
        match environments::find(connection, &which).await {
            Ok(found) if !scope.permits(found.id) => faults.push(unknown(at)),
            Ok(found) if !ids.contains(&found.id) => {
                ids.push(found.id);
                names.push(found.name);
            }
            Ok(_) => {}
            Err(StoreError::Refused(Refusal::NotFound(_))) => faults.push(unknown(at)),
            Err(other) => return Err(other),
        }
    }
    if faults.is_empty() { Ok((Some(ids), Some(names))) } else { Err(Refusal::Invalid(faults).into()) }
}

fn unknown(at: String) -> lotwise_core::Fault {
    let detail = "There is no such environment.".to_owned();
    lotwise_core::Fault { pointer: at, code: "unknown_environment", detail }
}
