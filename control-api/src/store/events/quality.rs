//! How far the exposures of an experiment can be believed.

use std::collections::BTreeMap;

use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use crate::store::{Store, StoreResult};

/// Counts of an experiment's exposures, up to the watermark.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExposureQuality {
    /// All that were kept.
    pub exposures: i64,
    /// Neither overrides nor deliveries by rules.
    pub counted: i64,
    /// Came with a publishable key or none.
    pub unverified: i64,
    /// Their time lay in the future and became that of receipt.
    pub clamped: i64,
    /// Were decided again.
    pub checked: i64,
    /// Name neither version nor digest, so that they could not be.
    pub unnamed: i64,
    /// What deciding again did not confirm, by reason; in no analysis.
    pub quarantined: BTreeMap<String, i64>,
}

#[derive(FromRow)]
struct Sums {
    exposures: i64,
    counted: i64,
    unverified: i64,
    clamped: i64,
    checked: i64,
    unnamed: i64,
}

impl Store {
    /// The counts of one experiment.
    pub async fn exposure_quality(&self, experiment: Uuid) -> StoreResult<ExposureQuality> {
        let mut connection = self.pool.acquire().await?;
        let sql = "select coalesce(sum(exposures), 0)::bigint as exposures, \
                   coalesce(sum(counted), 0)::bigint as counted, \
                   coalesce(sum(unverified), 0)::bigint as unverified, \
                   coalesce(sum(clamped), 0)::bigint as clamped, \
                   coalesce(sum(checked), 0)::bigint as checked, \
                   coalesce(sum(unnamed), 0)::bigint as unnamed from exposure_checks where experiment_id = $1";
        let sums: Sums = sqlx::query_as(sql).bind(experiment).fetch_one(&mut *connection).await?;
        let sql = "select reason, count(*) from exposure_quarantine where experiment_id = $1 group by reason";
        let reasons: Vec<(String, i64)> =
            sqlx::query_as(sql).bind(experiment).fetch_all(&mut *connection).await?;
        Ok(ExposureQuality {
            exposures: sums.exposures,
            counted: sums.counted,
            unverified: sums.unverified,
            clamped: sums.clamped,
            checked: sums.checked,
            unnamed: sums.unnamed,
            quarantined: reasons.into_iter().collect(),
        })
    }
}

/// Whether anybody was exposed to a variant: then it cannot be taken away.
pub async fn variant_has_exposures(connection: &mut PgConnection, variant: Uuid) -> StoreResult<bool> {
    let sql = "select exists (select from exposure_checks where variant_id = $1) \
               or exists (select from exposures where variant_id = $1 and \
                 batch > coalesce((select max(batch) from event_watermarks), 0))";
    Ok(sqlx::query_scalar(sql).bind(variant).fetch_one(connection).await?)
}
