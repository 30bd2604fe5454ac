//! Ending a pending version.

use uuid::Uuid;

use crate::domain::version::VersionState;
use crate::store::{Store, StoreResult};

impl Store {
    /// Marks a pending version as published, or as failed with a reason that may be shown. One that
    /// has ended stays as it is: jobs may run twice.
    pub async fn settle_version(&self, version: Uuid, failure: Option<&str>) -> StoreResult<()> {
        let state = if failure.is_some() { VersionState::Failed } else { VersionState::Published };
        let sql = "update versions set state = $2, failure = $3, finished_at = now() \
                   where id = $1 and state = 'pending'";
        sqlx::query(sql).bind(version).bind(state.as_str()).bind(failure).execute(&self.pool).await?;
        Ok(())
    }

    /// Whether the version that this one was compared with has failed: then nobody has seen whom this one
    /// moves.
    pub async fn has_lost_its_comparison(&self, version: Uuid) -> StoreResult<bool> {
        let sql = "select exists (select from versions join versions as before \
                   on before.environment_id = versions.environment_id \
                   and before.version = versions.compared_with \
                   where versions.id = $1 and before.state = 'failed')";
        Ok(sqlx::query_scalar(sql).bind(version).fetch_one(&self.pool).await?)
    }
}
