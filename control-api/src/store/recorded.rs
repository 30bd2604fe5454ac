//! Recorded exposures, in the order they were written.

use sqlx::FromRow;
use uuid::Uuid;

use super::{Store, StoreResult};
use crate::domain::environment::Environment;

/// Where a reader of exposures has come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExposureCursor {
    batch: i64,
    id: Uuid,
}

/// One exposure as its row has it.
#[derive(Clone, Debug, FromRow)]
pub struct ExposureRow {
    batch: i64,
    /// The event's id.
    pub id: Uuid,
    /// Of the environment.
    pub experiment_id: Uuid,
    /// Of the experiment.
    pub variant_id: Uuid,
    /// UTF-8.
    pub user_key: Vec<u8>,
    /// Why.
    pub reason: String,
    /// Of the snapshot; none: `assign`.
    pub config_version: Option<i64>,
    /// In hex: of the document that was decided on.
    pub snapshot_sha256: Option<String>,
    /// The attributes that rules read, as JSON.
    pub context: Option<String>,
    /// Sticky state, as JSON.
    pub sticky: Option<String>,
}

impl ExposureRow {
    /// Where reading goes on behind it.
    pub fn cursor(&self) -> ExposureCursor {
        ExposureCursor { batch: self.batch, id: self.id }
    }
}

impl Store {
    /// Up to `limit` exposures of an environment behind `after`.
    pub async fn recorded_exposures(
        &self,
        environment: &Environment,
        after: ExposureCursor,
        limit: i64,
    ) -> StoreResult<Vec<ExposureRow>> {
        let sql = "select batch, id, experiment_id, variant_id, user_key, reason, config_version, \
                   encode(snapshot_sha256, 'hex') as snapshot_sha256, context::text, sticky::text \
                   from exposures where environment_id = $1 and (batch, id) > ($2, $3) \
                   order by batch, id limit $4";
        let rows = sqlx::query_as(sql).bind(environment.id).bind(after.batch).bind(after.id).bind(limit);
        Ok(rows.fetch_all(&self.pool).await?)
    }
}
