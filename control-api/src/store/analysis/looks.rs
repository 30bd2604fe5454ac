//! What sequential tests remember from look to look.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use crate::store::{Store, StoreResult};

/// A look that changed what is remembered.
#[derive(Clone, Debug, FromRow)]
pub struct Look {
    /// The time of the batch it saw last.
    pub at: DateTime<Utc>,
    /// That batch.
    pub batch: i64,
    /// What is remembered, as JSON.
    pub memory: String,
    /// Comparisons that are significant by now.
    pub significant: i32,
}

impl Store {
    /// The last look until then, at batches up to this one.
    pub async fn last_look(
        &self,
        experiment: Uuid,
        batch: i64,
        until: DateTime<Utc>,
    ) -> StoreResult<Option<Look>> {
        let sql = "select at, batch, memory::text, significant from analysis_looks \
                   where experiment_id = $1 and batch <= $2 and at <= $3 order by at desc limit 1";
        let look = sqlx::query_as(sql).bind(experiment).bind(batch).bind(until);
        Ok(look.fetch_optional(&self.pool).await?)
    }

    /// How many looks were kept.
    pub async fn look_count(&self, experiment: Uuid) -> StoreResult<i64> {
        let sql = "select count(*) from analysis_looks where experiment_id = $1";
        Ok(sqlx::query_scalar(sql).bind(experiment).fetch_one(&self.pool).await?)
    }

    /// Keeps a look. Of two processes that looked at the same batches the second one's stays: they agree.
    pub async fn keep_look(&self, experiment: Uuid, look: &Look) -> StoreResult<()> {
        let sql = "insert into analysis_looks (experiment_id, at, batch, memory, significant) \
                   values ($1, $2, $3, $4::text::json, $5) \
                   on conflict on constraint analysis_looks_pkey do update \
                   set memory = excluded.memory, significant = excluded.significant";
        sqlx::query(sql)
            .bind(experiment)
            .bind(look.at)
            .bind(look.batch)
            .bind(&look.memory)
            .bind(look.significant)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Keeps what a second pass found, unless the sums have moved on.
    pub async fn keep_second_pass(&self, experiment: Uuid, batch: i64, found: &str) -> StoreResult<()> {
        let sql = "update analysis_progress set second_pass = $3::text::json \
                   where experiment_id = $1 and batch = $2";
        sqlx::query(sql).bind(experiment).bind(batch).bind(found).execute(&self.pool).await?;
        Ok(())
    }
}
