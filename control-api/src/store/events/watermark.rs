//! The watermark: up to where everything that was written is committed, checked, and never grows.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection, Postgres, Transaction};

use super::{CLOSING, LOCKS, WRITING};
use crate::store::{Store, StoreError, StoreResult};

/// How many exposures one step takes in, about.
const STEP: i64 = 20_000;
/// Between two looks at whether writers are done.
const LOOK: Duration = Duration::from_millis(3);
/// How long writers are waited for: longer than a statement of theirs may take, there is something wrong.
const PATIENCE: Duration = Duration::from_secs(10);

/// A watermark: everything with this number or a lower one is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromRow)]
pub struct Watermark {
    /// The `batch` of the last rows below it; 0: nothing is.
    pub batch: i64,
    /// When it was set.
    pub at: DateTime<Utc>,
}

/// A step of the watermark that is under way. Dropping it leaves the watermark where it was.
#[derive(Debug)]
pub struct Closing {
    pub(super) transaction: Transaction<'static, Postgres>,
    /// Where the watermark is.
    pub since: Watermark,
    /// Where it is to be.
    pub until: i64,
    /// Whether more is closed already than this step takes in.
    pub has_more: bool,
}

impl Store {
    /// The watermark.
    pub async fn watermark(&self) -> StoreResult<Watermark> {
        latest(&mut *self.pool.acquire().await?).await
    }

    /// The watermark as it was then; anything later than the last one is the last one.
    pub async fn watermark_at(&self, at: DateTime<Utc>) -> StoreResult<Watermark> {
        let sql = "select batch, at from event_watermarks where at <= $1 order by batch desc limit 1";
        let found = sqlx::query_as(sql).bind(at).fetch_optional(&self.pool).await?;
        Ok(found.unwrap_or_default())
    }

    /// Begins to move the watermark, with nobody else at it; none when there is nothing new.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] also when some writer does not come to an end.
    pub async fn begin_closing(&self) -> StoreResult<Option<Closing>> {
        if self.is_closed().await? {
            return Ok(None);
        }
        let mut transaction = self.pool.begin().await?;
        sqlx::query("select pg_advisory_xact_lock($1, $2)")
            .bind(LOCKS)
            .bind(CLOSING)
            .execute(&mut *transaction)
            .await?;
        let since = latest(&mut transaction).await?;
        let highest = highest(&mut transaction).await?;
        if highest <= since.batch {
            return Ok(None);
        }
        wait_for_writers(&mut transaction).await?;
        let sql =
            "select batch from exposures where batch > $1 and batch <= $2 order by batch offset $3 limit 1";
        let step: Option<i64> = sqlx::query_scalar(sql)
            .bind(since.batch)
            .bind(highest)
            .bind(STEP)
            .fetch_optional(&mut *transaction)
            .await?;
        let until = step.unwrap_or(highest);
        Ok(Some(Closing { transaction, since, until, has_more: until < highest }))
    }

    /// A look without any lock: mostly nothing has happened.
    async fn is_closed(&self) -> StoreResult<bool> {
        let sql = "select coalesce((select max(batch) from event_watermarks), 0) >= \
                   (select case when is_called then last_value else 0 end from event_batches)";
        Ok(sqlx::query_scalar(sql).fetch_one(&self.pool).await?)
    }
}

async fn latest(connection: &mut PgConnection) -> StoreResult<Watermark> {
    let sql = "select batch, at from event_watermarks order by batch desc limit 1";
    let found: Option<Watermark> = sqlx::query_as(sql).fetch_optional(connection).await?;
    Ok(found.unwrap_or_default())
}

async fn highest(connection: &mut PgConnection) -> StoreResult<i64> {
    let sql = "select case when is_called then last_value else 0 end from event_batches";
    Ok(sqlx::query_scalar(sql).fetch_one(connection).await?)
}

/// Waits until those who write now are done. They took their lock before their number, so every number that
/// was drawn before this call is committed, or will never be, after it. Nobody who comes later is held up.
async fn wait_for_writers(connection: &mut PgConnection) -> StoreResult<()> {
    let sql = "select coalesce(array_agg(virtualtransaction), '{}') from pg_locks \
               where locktype = 'advisory' and granted and classid = $1::bigint::oid \
                 and objid = $2::bigint::oid and objsubid = 2 \
                 and database = (select oid from pg_database where datname = current_database()) \
                 and ($3::text[] is null or virtualtransaction = any($3))";
    let mut waiting: Option<Vec<String>> = None;
    let mut waited = Duration::ZERO;
    loop {
        let writers: Vec<String> = sqlx::query_scalar(sql)
            .bind(i64::from(LOCKS))
            .bind(i64::from(WRITING))
            .bind(waiting.as_ref())
            .fetch_one(&mut *connection)
            .await?;
        if writers.is_empty() {
            return Ok(());
        }
        if waited > PATIENCE {
            return Err(StoreError::Unavailable("a transaction that writes events does not end".to_owned()));
        }
        waiting = Some(writers);
        tokio::time::sleep(LOOK).await;
        waited += LOOK;
    }
}
