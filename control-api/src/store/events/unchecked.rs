//! Exposures on their way below the watermark.

use sqlx::FromRow;
use uuid::Uuid;

use super::watermark::Closing;
use crate::store::{Store, StoreResult};

/// An exposure with all that deciding it again needs.
#[derive(Clone, Debug, FromRow)]
pub struct UncheckedExposure {
    /// The event's id.
    pub id: Uuid,
    /// The number of the transaction that wrote it.
    pub batch: i64,
    /// Where.
    pub environment_id: Uuid,
    /// Of which experiment.
    pub experiment_id: Uuid,
    /// Its key; none: it has been deleted since.
    pub experiment_key: Option<String>,
    /// Which variant.
    pub variant_id: Uuid,
    /// Its key; none: it has been deleted since.
    pub variant_key: Option<String>,
    /// Whom, in UTF-8.
    pub user_key: Vec<u8>,
    /// Whether it is one of the experiment's own.
    pub counts: bool,
    /// Whether it came with a secret key.
    pub is_verified: bool,
    /// Whether its time was in the future.
    pub is_clamped: bool,
    /// Who brought it: see [`Source`](crate::domain::event::Source).
    pub source: i16,
    /// The version that decided, as it says.
    pub config_version: Option<i64>,
    /// The digest of the document that decided, as it says.
    pub snapshot_sha256: Option<Vec<u8>>,
    /// What the rules read, a JSON object.
    pub context: Option<String>,
    /// What was given before, a JSON object.
    pub sticky: Option<String>,
}

impl Closing {
    /// The exposures of this step.
    pub async fn exposures(&mut self) -> StoreResult<Vec<UncheckedExposure>> {
        let sql = "select exposures.id, batch, exposures.environment_id, exposures.experiment_id, \
                   experiments.key as experiment_key, variant_id, variants.key as variant_key, user_key, \
                   counts, is_verified, is_clamped, source, config_version, snapshot_sha256, \
                   context::text, exposures.sticky::text from exposures \
                   left join experiments on experiments.id = exposures.experiment_id \
                   left join variants on variants.id = variant_id where batch > $1 and batch <= $2";
        let rows = sqlx::query_as(sql)
            .bind(self.since.batch)
            .bind(self.until)
            .fetch_all(&mut *self.transaction)
            .await?;
        Ok(rows)
    }
}

impl Store {
    /// The document that an environment published under a version or a digest: that with the digest, be it for
    /// servers or for pages, else that for servers of the version. None when there is no such document.
    pub async fn exposed_document(
        &self,
        environment: Uuid,
        version: Option<i64>,
        sha256: Option<&str>,
    ) -> StoreResult<Option<Vec<u8>>> {
        let sql = "select case when client_sha256 = $3 then client_document else document end from versions \
                   where environment_id = $1 and ($2::bigint is null or version = $2) \
                     and ($3::text is null or sha256 = $3 or client_sha256 = $3) and state <> 'failed' \
                   order by version desc limit 1";
        Ok(sqlx::query_scalar(sql)
            .bind(environment)
            .bind(version)
            .bind(sha256)
            .fetch_optional(&self.pool)
            .await?)
    }

    /// The document that `assign` decided on, by its digest.
    pub async fn assigned_document(&self, sha256: &[u8]) -> StoreResult<Option<Vec<u8>>> {
        let sql = "select document from assign_documents where sha256 = $1";
        Ok(sqlx::query_scalar(sql).bind(sha256).fetch_optional(&self.pool).await?)
    }

    /// Whether an environment has published this version.
    pub async fn has_version(&self, environment: Uuid, version: i64) -> StoreResult<bool> {
        let sql = "select exists (select from versions where environment_id = $1 and version = $2 \
                   and state <> 'failed')";
        Ok(sqlx::query_scalar(sql).bind(environment).bind(version).fetch_one(&self.pool).await?)
    }
}
