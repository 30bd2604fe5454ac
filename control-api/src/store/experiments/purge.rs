//! Deleting what was archived long ago.

use std::time::Duration;

use sqlx::PgConnection;
use uuid::Uuid;

use super::delete::remove;
use super::load::{Lock, find};
use crate::domain::actor::Actor;
use crate::domain::experiment::{Experiment, ExperimentRef};
use crate::store::{Store, StoreResult};

impl Store {
    /// Deletes one experiment that was archived longer ago than `age`, the oldest first; none: there is
    /// none that nobody else is at.
    pub async fn purge_archived(&self, actor: &Actor, age: Duration) -> StoreResult<Option<Experiment>> {
        let mut transaction = self.pool.begin().await?;
        let Some(id) = next(&mut transaction, age).await? else { return Ok(None) };
        let experiment = find(&mut transaction, &ExperimentRef::Id(id), Lock::Update).await?;
        remove(&mut transaction, actor, &experiment, "purge").await?;
        transaction.commit().await?;
        Ok(Some(experiment))
    }
}

/// Holds it; what another replica holds is left to it.
async fn next(connection: &mut PgConnection, age: Duration) -> StoreResult<Option<Uuid>> {
    let sql = "select id from experiments where status = 'ARCHIVED' and archived_at < now() - $1 \
               order by archived_at, id limit 1 for update skip locked";
    Ok(sqlx::query_scalar(sql).bind(age).fetch_optional(connection).await?)
}
