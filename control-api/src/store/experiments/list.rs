//! Listing experiments.

use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::load::complete;
use super::row::{COLUMNS, ExperimentRow};
use crate::domain::environment::EnvironmentRef;
use crate::domain::experiment::Experiment;
use crate::domain::scope::Scope;
use crate::domain::status::Status;
use crate::store::{Store, StoreResult};

/// Which experiments are asked for.
#[derive(Clone, Debug)]
pub struct Filter {
    /// In these environments only.
    pub scope: Scope,
    /// Of this environment.
    pub environment: Option<EnvironmentRef>,
    /// In this status.
    pub status: Option<Status>,
    /// With this text in key, name or description, whatever its case.
    pub text: Option<String>,
}

impl Store {
    /// Up to `limit` experiments, newest first, that are older than `after`. Ids are UUIDv7, which
    /// sort by time of creation.
    pub async fn experiments(
        &self,
        filter: &Filter,
        after: Option<Uuid>,
        limit: i64,
    ) -> StoreResult<Vec<Experiment>> {
        let (environment_id, environment_name) = match &filter.environment {
            Some(EnvironmentRef::Id(id)) => (Some(id), None),
            Some(EnvironmentRef::Name(name)) => (None, Some(name)),
            None => (None, None),
        };
        let sql = format!(
            "select {COLUMNS} \
             where ($1::uuid is null or environment_id = $1) \
             and ($2::text is null or environments.name = $2) \
             and ($3::text is null or status = $3) \
             and ($4::text is null or strpos(lower(key || ' ' || experiments.name || ' ' || \
                  coalesce(description, '')), lower($4)) > 0) \
             and ($5::uuid is null or experiments.id < $5) \
             and ($7::uuid[] is null or environment_id = any($7)) \
             order by experiments.id desc limit $6"
        );
        let mut connection = self.pool.acquire().await?;
        // Safe: constants only.
        let rows: Vec<ExperimentRow> = sqlx::query_as(AssertSqlSafe(sql))
            .bind(environment_id)
            .bind(environment_name)
            .bind(filter.status.map(Status::as_str))
            .bind(filter.text.as_deref())
            .bind(after)
            .bind(limit)
            .bind(filter.scope.ids())
            .fetch_all(&mut *connection)
            .await?;
        complete(&mut connection, rows).await
    }
}
