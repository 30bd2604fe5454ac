//! Whether the database answers.

use std::time::Duration;

use super::{Store, StoreError, StoreResult};

/// A health check has its own patience: load balancers have little.
const PATIENCE: Duration = Duration::from_secs(1);

/// Connections to the database.
#[derive(Clone, Copy, Debug)]
pub struct PoolUse {
    /// At work.
    pub used: u32,
    /// Open and idle.
    pub idle: u32,
    /// At most.
    pub max: u32,
}

impl Store {
    /// How many connections this process has.
    pub fn pool_use(&self) -> PoolUse {
        let idle = u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX);
        let used = self.pool.size().saturating_sub(idle);
        PoolUse { used, idle, max: self.pool.options().get_max_connections() }
    }

    /// Jobs that are not done.
    pub async fn waiting_jobs(&self) -> StoreResult<i64> {
        let sql = "select count(*) from jobs where finished_at is null";
        Ok(sqlx::query_scalar(sql).fetch_one(&self.pool).await?)
    }

    /// One round trip.
    pub async fn ping(&self) -> StoreResult<()> {
        let ping = sqlx::query("select 1").execute(&self.pool);
        match tokio::time::timeout(PATIENCE, ping).await {
            Ok(done) => Ok(done.map(|_| ())?),
            Err(_) => Err(StoreError::Unavailable("no answer within a second".to_owned())),
        }
    }
}
