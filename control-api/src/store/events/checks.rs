//! What checking exposures has found, written together with the watermark: once, whatever happens.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::watermark::{Closing, Watermark};
use crate::store::StoreResult;

/// An exposure that deciding again did not confirm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The event's id.
    pub id: Uuid,
    /// The number of the transaction that wrote it.
    pub batch: i64,
    /// Of which experiment.
    pub experiment_id: Uuid,
    /// Which variant it says.
    pub variant_id: Uuid,
    /// What is wrong: see the decision record on checking.
    pub reason: &'static str,
    /// The key of the variant that it should be, if any.
    pub expected_variant: Option<String>,
    /// The reason that it should have, if it could be decided.
    pub expected_reason: Option<&'static str>,
}

/// Counts of the exposures of one variant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// All.
    pub exposures: i64,
    /// Neither overrides nor deliveries by rules.
    pub counted: i64,
    /// Came with a publishable key or none.
    pub unverified: i64,
    /// Their time lay in the future.
    pub clamped: i64,
    /// Were decided again.
    pub checked: i64,
    /// Name no version and no digest, so that they could not be.
    pub unnamed: i64,
}

impl Closing {
    /// Writes what was found and moves the watermark.
    pub async fn finish(
        mut self,
        findings: &[Finding],
        counts: &[((Uuid, Uuid), Checked)],
    ) -> StoreResult<Watermark> {
        self.write_findings(findings).await?;
        self.write_counts(counts).await?;
        // Times grow with numbers even when the clock is set back.
        let sql = "insert into event_watermarks (batch, at) values ($1, greatest(clock_timestamp(), \
                   $2::timestamptz + interval '1 microsecond')) returning at";
        let at: DateTime<Utc> = sqlx::query_scalar(sql)
            .bind(self.until)
            .bind(self.since.at)
            .fetch_one(&mut *self.transaction)
            .await?;
        self.transaction.commit().await?;
        Ok(Watermark { batch: self.until, at })
    }

    async fn write_findings(&mut self, findings: &[Finding]) -> StoreResult<()> {
        let sql = "insert into exposure_quarantine (id, batch, experiment_id, variant_id, reason, \
                   expected_variant, expected_reason, found_at) select *, clock_timestamp() from \
                   unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[])";
        if findings.is_empty() {
            return Ok(());
        }
        sqlx::query(sql)
            .bind(findings.iter().map(|it| it.id).collect::<Vec<_>>())
            .bind(findings.iter().map(|it| it.batch).collect::<Vec<_>>())
            .bind(findings.iter().map(|it| it.experiment_id).collect::<Vec<_>>())
            .bind(findings.iter().map(|it| it.variant_id).collect::<Vec<_>>())
            .bind(findings.iter().map(|it| it.reason).collect::<Vec<_>>())
            .bind(findings.iter().map(|it| it.expected_variant.as_deref()).collect::<Vec<_>>())
            .bind(findings.iter().map(|it| it.expected_reason).collect::<Vec<_>>())
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    async fn write_counts(&mut self, counts: &[((Uuid, Uuid), Checked)]) -> StoreResult<()> {
        let sql = "insert into exposure_checks as present (experiment_id, variant_id, exposures, counted, \
                   unverified, clamped, checked, unnamed) values ($1, $2, $3, $4, $5, $6, $7, $8) \
                   on conflict on constraint exposure_checks_pkey do update set \
                   exposures = present.exposures + excluded.exposures, \
                   counted = present.counted + excluded.counted, \
                   unverified = present.unverified + excluded.unverified, \
                   clamped = present.clamped + excluded.clamped, \
                   checked = present.checked + excluded.checked, \
                   unnamed = present.unnamed + excluded.unnamed";
        for ((experiment, variant), it) in counts {
            sqlx::query(sql)
                .bind(experiment)
                .bind(variant)
                .bind(it.exposures)
                .bind(it.counted)
                .bind(it.unverified)
                .bind(it.clamped)
                .bind(it.checked)
                .bind(it.unnamed)
                .execute(&mut *self.transaction)
                .await?;
        }
        Ok(())
    }
}
