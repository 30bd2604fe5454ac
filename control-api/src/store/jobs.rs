//! The job queue.
//!
//! A job is leased, not locked: a worker that dies lets its lease run out, and another worker takes
//! the job. What jobs do may therefore happen twice, and must come to the same.

use std::time::Duration;

use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::{Store, StoreResult};

/// How long a worker that stopped answering keeps its job.
pub const LEASE: Duration = Duration::from_secs(5);

/// The kind of the jobs that carry a version to the store.
pub const PUBLISH_VERSION: &str = "publish_version";

/// A job that this worker has the lease of.
#[derive(Clone, Debug, FromRow)]
pub struct Job {
    /// In the order of enqueueing.
    pub id: i64,
    /// What is to be done.
    pub kind: String,
    /// With what, as JSON.
    pub payload: String,
    /// How often it was begun, this time included.
    pub attempts: i32,
}

/// Adds a job to the transaction that decides it.
pub(super) async fn enqueue(
    connection: &mut PgConnection,
    kind: &str,
    lane: &str,
    payload: &str,
) -> StoreResult<()> {
    sqlx::query("insert into jobs (kind, lane, payload) values ($1, $2, $3::text::json)")
        .bind(kind)
        .bind(lane)
        .bind(payload)
        .execute(connection)
        .await?;
    Ok(())
}

impl Store {
    /// Leases the next job that is due and first in its lane.
    pub async fn claim_job(&self, worker: Uuid) -> StoreResult<Option<Job>> {
        let sql = "update jobs set leased_by = $1, leased_until = now() + $2, attempts = attempts + 1 \
                   where id = (select id from jobs as due where finished_at is null \
                     and run_at <= now() and (leased_until is null or leased_until < now()) \
                     and not exists (select from jobs as ahead where ahead.lane = due.lane \
                       and ahead.id < due.id and ahead.finished_at is null) \
                     order by id limit 1 for update skip locked) \
                   returning id, kind, payload::text, attempts";
        let job = sqlx::query_as(sql).bind(worker).bind(LEASE).fetch_optional(&self.pool).await?;
        Ok(job)
    }

    /// Keeps the lease of a job that takes longer.
    pub async fn renew_job(&self, worker: Uuid, job: i64) -> StoreResult<()> {
        sqlx::query("update jobs set leased_until = now() + $3 where id = $1 and leased_by = $2")
            .bind(job)
            .bind(worker)
            .bind(LEASE)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Gives a job back, to be tried again after `delay`. Only the holder of the lease can.
    pub async fn retry_job(&self, worker: Uuid, job: i64, delay: Duration, cause: &str) -> StoreResult<()> {
        let sql = "update jobs set leased_by = null, leased_until = null, run_at = now() + $3, \
                   last_error = $4 where id = $1 and leased_by = $2 and finished_at is null";
        sqlx::query(sql).bind(job).bind(worker).bind(delay).bind(cause).execute(&self.pool).await?;
        Ok(())
    }

    /// Removes a job from the queue; `cause` says why it was given up, if it was.
    pub async fn finish_job(&self, job: i64, cause: Option<&str>) -> StoreResult<()> {
        let sql = "update jobs set leased_by = null, leased_until = null, finished_at = now(), \
                   last_error = $2 where id = $1 and finished_at is null";
        sqlx::query(sql).bind(job).bind(cause).execute(&self.pool).await?;
        Ok(())
    }
}
