//! Whether the database answers.

use std::time::Duration;

use super::{Store, StoreError, StoreResult};

/// A health check has its own patience: load balancers have little.
const PATIENCE: Duration = Duration::from_secs(1);

impl Store {
    /// One round trip.
    pub async fn ping(&self) -> StoreResult<()> {
        let ping = sqlx::query("select 1").execute(&self.pool);
        match tokio::time::timeout(PATIENCE, ping).await {
            Ok(done) => Ok(done.map(|_| ())?),
            Err(_) => Err(StoreError::Unavailable("no answer within a second".to_owned())),
        }
    }
}
