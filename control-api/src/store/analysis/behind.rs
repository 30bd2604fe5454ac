//! Which experiments have not been looked at since events came.

use uuid::Uuid;

use crate::store::{Store, StoreResult};

impl Store {
    /// Running experiments whose sums have not come to this batch yet.
    pub async fn experiments_behind(&self, batch: i64) -> StoreResult<Vec<Uuid>> {
        let sql = "select experiments.id from experiments \
                   left join analysis_progress on experiment_id = experiments.id \
                   where status = 'RUNNING' and coalesce(batch, 0) < $1 order by experiments.id";
        Ok(sqlx::query_scalar(sql).bind(batch).fetch_all(&self.pool).await?)
    }
}
