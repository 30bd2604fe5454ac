//! The worker: what the queue holds gets done, whoever put it there.

mod publish_version;
pub mod retention;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::publish::ObjectStore;
use crate::store::jobs::{Job, LEASE, PUBLISH_VERSION};
use crate::store::{Store, StoreResult};

/// How often the queue is looked at when nobody knocks: another replica's job may have been left.
const IDLE: Duration = Duration::from_millis(500);
const MAX_BACKOFF: Duration = Duration::from_secs(30);

/// How a job ended.
enum JobEnd {
    /// It is done, or given up for the reason.
    Finished(Option<String>),
    /// It is to be tried again.
    Retry(String),
}

/// One worker of this process.
#[derive(Debug)]
pub struct Worker {
    id: Uuid,
    store: Store,
    objects: Arc<ObjectStore>,
    knock: Arc<Notify>,
}

impl Worker {
    /// A worker that `knock` wakes.
    pub fn new(store: Store, objects: Arc<ObjectStore>, knock: Arc<Notify>) -> Self {
        Self { id: Uuid::now_v7(), store, objects, knock }
    }

    /// Works until `stop` turns true, then finishes the job at hand.
    pub fn spawn(self, mut stop: watch::Receiver<bool>) -> JoinHandle<()> {
        tokio::spawn(async move {
            while !*stop.borrow() {
                match self.work_once().await {
                    Ok(true) => continue,
                    Ok(false) => {}
                    Err(error) => tracing::warn!(%error, "the job queue cannot be read"),
                }
                tokio::select! {
                    () = self.knock.notified() => {}
                    () = tokio::time::sleep(IDLE) => {}
                    _ = stop.changed() => {}
                }
            }
        })
    }

    /// Takes one job, if there is one, and does it.
    async fn work_once(&self) -> StoreResult<bool> {
        let Some(job) = self.store.claim_job(self.id).await? else { return Ok(false) };
        match self.run_with_lease(&job).await {
            JobEnd::Finished(cause) => self.store.finish_job(job.id, cause.as_deref()).await?,
            JobEnd::Retry(cause) => {
                let delay = backoff(job.attempts);
                tracing::warn!(job = job.id, attempts = job.attempts, cause, "job will be retried");
                self.store.retry_job(self.id, job.id, delay, &cause).await?;
            }
        }
        Ok(true)
    }

    /// Does a job and renews its lease meanwhile.
    async fn run_with_lease(&self, job: &Job) -> JobEnd {
        let renew = async {
            loop {
                tokio::time::sleep(LEASE / 3).await;
                if let Err(error) = self.store.renew_job(self.id, job.id).await {
                    tracing::warn!(job = job.id, %error, "the lease could not be renewed");
                }
            }
        };
        tokio::select! {
            end = self.run(job) => end,
            () = renew => JobEnd::Retry("renewing ended".to_owned()),
        }
    }

    async fn run(&self, job: &Job) -> JobEnd {
        match job.kind.as_str() {
            PUBLISH_VERSION => publish_version::run(&self.store, &self.objects, job).await,
            // A newer program enqueued it and will come for it.
            other => JobEnd::Retry(format!("unknown kind {other}")),
        }
    }
}

fn backoff(attempts: i32) -> Duration {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(6);
    (Duration::from_millis(500) * 2_u32.pow(doublings)).min(MAX_BACKOFF)
}
