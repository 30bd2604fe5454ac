//! Stand-in until ingest is merged.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{Store, StoreResult};

/// A watermark: everything with this number or a lower one is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromRow)]
pub struct Watermark {
    /// The `batch` of the last rows below it; 0: nothing is.
    pub batch: i64,
    /// When it was set.
    pub at: DateTime<Utc>,
}

impl Store {
    /// The watermark.
    pub async fn watermark(&self) -> StoreResult<Watermark> {
        self.watermark_at(DateTime::<Utc>::MAX_UTC).await
    }

    /// The watermark as it was then; anything later than the last one is the last one.
    pub async fn watermark_at(&self, at: DateTime<Utc>) -> StoreResult<Watermark> {
        let sql = "select batch, at from event_watermarks where at <= $1 order by batch desc limit 1";
        let at = at.min(super::now());
        let found = sqlx::query_as(sql).bind(at).fetch_optional(&self.pool).await?;
        Ok(found.unwrap_or_default())
    }
}
