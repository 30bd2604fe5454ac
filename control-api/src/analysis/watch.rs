//! Looking at running experiments from time to time, whether or not anybody asks: sequential tests find the
//! smallest p-value of the looks they are given.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::look::look;
use super::question::Question;
use crate::domain::experiment::ExperimentRef;
use crate::ingest::Ingest;
use crate::store::{Store, StoreResult, now};

/// Looks at every running experiment that events came for, until `stop` turns true.
pub fn keep_looking(
    store: Store,
    ingest: Ingest,
    interval: Duration,
    mut stop: watch::Receiver<bool>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        while !*stop.borrow() {
            tokio::select! {
                () = tokio::time::sleep(interval) => {}
                _ = stop.changed() => continue,
            }
            if let Err(error) = look_at_all(&store, &ingest, &stop).await {
                tracing::warn!(%error, "experiments could not be looked at");
            }
        }
    })
}

async fn look_at_all(store: &Store, ingest: &Ingest, stop: &watch::Receiver<bool>) -> StoreResult<()> {
    let settled = ingest.settle().await?;
    for id in store.experiments_behind(settled.batch).await? {
        if *stop.borrow() {
            break;
        }
        // One that cannot be looked at keeps nobody from the others.
        if let Err(error) = look(store, &ExperimentRef::Id(id), &Question::default(), settled, now()).await {
            tracing::warn!(experiment = %id, %error, "an experiment could not be looked at");
        }
    }
    Ok(())
}
