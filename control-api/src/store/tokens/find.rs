//! Reading tokens.

use sqlx::{AssertSqlSafe, FromRow, PgConnection};
use uuid::Uuid;

use super::row::{COLUMNS, TokenRow};
use crate::domain::credential::CredentialDigest;
use crate::domain::refusal::Refusal;
use crate::domain::scope::Scope;
use crate::domain::token::Token;
use crate::store::{Store, StoreError, StoreResult};

/// Which tokens are asked for.
#[derive(Clone, Copy, Debug)]
pub struct TokenPage {
    /// Older than this one.
    pub after: Option<Uuid>,
    /// How many at most.
    pub limit: i64,
}

#[derive(FromRow)]
struct Proven {
    #[sqlx(flatten)]
    token: TokenRow,
    secret_sha256: Vec<u8>,
}

impl Store {
    /// The token of this id, whatever it is still worth, and the digest that proves it.
    pub async fn token_with_digest(&self, id: Uuid) -> StoreResult<Option<(Token, CredentialDigest)>> {
        // Safe: constants only.
        let sql = AssertSqlSafe(format!("select {COLUMNS}, secret_sha256 from tokens where tokens.id = $1"));
        let row: Option<Proven> = sqlx::query_as(sql).bind(id).fetch_optional(&self.pool).await?;
        let Some(Proven { token, secret_sha256 }) = row else { return Ok(None) };
        let digest = CredentialDigest::from_bytes(&secret_sha256)
            .ok_or_else(|| StoreError::Internal("a stored digest cannot be read".to_owned()))?;
        Ok(Some((token.try_into()?, digest)))
    }

    /// One token within `scope`.
    pub async fn token(&self, id: Uuid, scope: &Scope) -> StoreResult<Token> {
        let mut connection = self.pool.acquire().await?;
        find(&mut connection, id, scope, "").await
    }

    /// Tokens within `scope`, revoked ones too, newest first.
    pub async fn tokens(&self, scope: &Scope, page: TokenPage) -> StoreResult<Vec<Token>> {
        let sql = format!(
            "select {COLUMNS} from tokens where ($1::uuid[] is null or tokens.environments <@ $1) \
             and ($2::uuid is null or tokens.id < $2) order by tokens.id desc limit $3"
        );
        // Safe: constants only.
        let rows: Vec<TokenRow> = sqlx::query_as(AssertSqlSafe(sql))
            .bind(scope.ids())
            .bind(page.after)
            .bind(page.limit)
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Writes down that a token is in use; within a minute of the last time, nothing.
    pub async fn note_token_use(&self, id: Uuid) -> StoreResult<()> {
        let sql = "update tokens set last_used_at = now() where id = $1 \
                   and (last_used_at is null or last_used_at < now() - interval '1 minute')";
        sqlx::query(sql).bind(id).execute(&self.pool).await?;
        Ok(())
    }
}

/// One token within `scope`, or the refusal that there is none. `lock` ends the query.
pub(super) async fn find(
    connection: &mut PgConnection,
    id: Uuid,
    scope: &Scope,
    lock: &'static str,
) -> StoreResult<Token> {
    // Safe: constants only.
    let sql = AssertSqlSafe(format!("select {COLUMNS} from tokens where tokens.id = $1{lock}"));
    let row: Option<TokenRow> = sqlx::query_as(sql).bind(id).fetch_optional(connection).await?;
    let token: Token = row.ok_or(Refusal::NotFound("token"))?.try_into()?;
    if scope.covers(&token.scope()) { Ok(token) } else { Err(Refusal::NotFound("token").into()) }
}
