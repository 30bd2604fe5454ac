//! Reading versions.

use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::contents::{Earlier, earlier};
use super::row::{COLUMNS, VersionRow};
use crate::domain::environment::{Environment, EnvironmentRef};
use crate::domain::refusal::Refusal;
use crate::domain::version::Version;
use crate::store::{Store, StoreResult, environments};

/// The bytes of a version's two documents.
#[derive(Clone, Debug)]
pub struct Documents {
    /// For servers.
    pub full: Vec<u8>,
    /// For pages.
    pub client: Vec<u8>,
}

impl Store {
    /// One version by its id.
    pub async fn version_by_id(&self, id: Uuid) -> StoreResult<Version> {
        // Safe: constants only.
        let sql = AssertSqlSafe(format!("select {COLUMNS} where versions.id = $1"));
        let row: Option<VersionRow> = sqlx::query_as(sql).bind(id).fetch_optional(&self.pool).await?;
        row.ok_or(Refusal::NotFound("version"))?.try_into()
    }

    /// One version by its number.
    pub async fn version(&self, which: &EnvironmentRef, number: i64) -> StoreResult<Version> {
        let mut connection = self.pool.acquire().await?;
        let environment = environments::find(&mut connection, which).await?;
        // Safe: constants only.
        let sql =
            AssertSqlSafe(format!("select {COLUMNS} where environment_id = $1 and versions.version = $2"));
        let row: Option<VersionRow> =
            sqlx::query_as(sql).bind(environment.id).bind(number).fetch_optional(&mut *connection).await?;
        row.ok_or(Refusal::NotFound("version"))?.try_into()
    }

    /// Up to `limit` versions of an environment below `before`, newest first.
    pub async fn versions(
        &self,
        which: &EnvironmentRef,
        before: Option<i64>,
        limit: i64,
    ) -> StoreResult<Vec<Version>> {
        let mut connection = self.pool.acquire().await?;
        let environment = environments::find(&mut connection, which).await?;
        // Safe: constants only.
        let sql = AssertSqlSafe(format!(
            "select {COLUMNS} where environment_id = $1 \
             and ($2::bigint is null or versions.version < $2) \
             order by versions.version desc limit $3"
        ));
        let rows: Vec<VersionRow> = sqlx::query_as(sql)
            .bind(environment.id)
            .bind(before)
            .bind(limit)
            .fetch_all(&mut *connection)
            .await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// A version that readers have seen, with its documents.
    pub async fn earlier_version(&self, environment: &Environment, number: i64) -> StoreResult<Earlier> {
        let mut connection = self.pool.acquire().await?;
        earlier(&mut connection, environment.id, number).await
    }

    /// The documents of a version.
    pub async fn documents(&self, version: Uuid) -> StoreResult<Documents> {
        let sql = "select document, client_document from versions where id = $1";
        let row: Option<(Vec<u8>, Vec<u8>)> =
            sqlx::query_as(sql).bind(version).fetch_optional(&self.pool).await?;
        let (full, client) = row.ok_or(Refusal::NotFound("version"))?;
        Ok(Documents { full, client })
    }
}
