//! How far the sums of an experiment have come.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection};

use super::reading::Subject;
use crate::hex;
use crate::store::{StoreError, StoreResult};

/// How far the sums of an experiment have come.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Everything up to this batch is in the sums, and nothing after it.
    pub batch: i64,
    /// When that batch was settled.
    pub at: DateTime<Utc>,
    /// Users seen in several variants.
    pub excluded: u64,
    /// The first exposure that counts.
    pub first_exposed_at: Option<DateTime<Utc>>,
    /// What a second pass found at `batch`, as JSON, if somebody asked.
    pub second_pass: Option<String>,
    /// Events up to this batch are in the counts for Prometheus, which are never made anew.
    pub(super) counted: i64,
}

#[derive(FromRow)]
struct Row {
    batch: i64,
    counted: i64,
    at: DateTime<Utc>,
    layout: String,
    first_exposed_at: Option<DateTime<Utc>>,
    excluded: i64,
    second_pass: Option<String>,
}

/// Holds the progress of an experiment until the transaction ends; sums of other metrics than today's
/// are thrown away first.
pub(super) async fn hold(connection: &mut PgConnection, subject: &Subject) -> StoreResult<Progress> {
    let layout = layout(subject)?;
    let sql = "insert into analysis_progress (experiment_id, batch, counted, at, layout) \
               values ($1, 0, 0, 'epoch', $2) on conflict on constraint analysis_progress_pkey do nothing";
    sqlx::query(sql).bind(subject.experiment_id).bind(&layout).execute(&mut *connection).await?;
    let sql = "select batch, counted, at, layout, first_exposed_at, excluded, second_pass::text \
               from analysis_progress where experiment_id = $1 for update";
    let row: Row = sqlx::query_as(sql).bind(subject.experiment_id).fetch_one(&mut *connection).await?;
    if row.layout == layout {
        return Ok(Progress {
            batch: row.batch,
            at: row.at,
            excluded: u64::try_from(row.excluded).unwrap_or_default(),
            first_exposed_at: row.first_exposed_at,
            second_pass: row.second_pass,
            counted: row.counted,
        });
    }
    for sql in [
        "delete from analysis_units where experiment_id = $1",
        "delete from analysis_arms where experiment_id = $1",
    ] {
        sqlx::query(sql).bind(subject.experiment_id).execute(&mut *connection).await?;
    }
    let fresh = Progress {
        batch: 0,
        at: DateTime::UNIX_EPOCH,
        excluded: 0,
        first_exposed_at: None,
        second_pass: None,
        counted: row.counted,
    };
    write(connection, subject, &fresh).await?;
    Ok(fresh)
}

/// Writes how far the sums have come.
pub(super) async fn write(
    connection: &mut PgConnection,
    subject: &Subject,
    progress: &Progress,
) -> StoreResult<()> {
    let sql = "update analysis_progress set batch = $2, counted = $3, at = $4, layout = $5, \
               first_exposed_at = $6, excluded = $7, second_pass = $8::text::json \
               where experiment_id = $1";
    sqlx::query(sql)
        .bind(subject.experiment_id)
        .bind(progress.batch)
        .bind(progress.counted)
        .bind(progress.at)
        .bind(layout(subject)?)
        .bind(progress.first_exposed_at)
        .bind(i64::try_from(progress.excluded).unwrap_or(i64::MAX))
        .bind(&progress.second_pass)
        .execute(connection)
        .await?;
    Ok(())
}

/// How totals and sums are written down. Another text here makes all of them anew.
const FORM: &str = "decimals";

/// What the sums depend on besides the events.
fn layout(subject: &Subject) -> StoreResult<String> {
    let text = serde_json::to_vec(&(FORM, &subject.variants, &subject.metrics))
        .map_err(|error| StoreError::Internal(error.to_string()))?;
    Ok(hex::sha256(&text))
}
