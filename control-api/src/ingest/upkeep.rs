//! What has to happen to events now and then.

use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Ingest;
use crate::store::StoreResult;

/// Between two looks at partitions, generations and what is old.
const HOUSEKEEPING: Duration = Duration::from_mins(10);

/// Keeps up until told to stop. Several servers may: each step is right when another has done it already.
pub(super) fn spawn(ingest: Ingest, mut stop: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut kept_house: Option<Instant> = None;
        while !*stop.borrow() {
            if kept_house.is_none_or(|at| at.elapsed() >= HOUSEKEEPING) {
                kept_house = Some(Instant::now());
                if let Err(error) = keep_house(&ingest).await {
                    tracing::warn!(%error, "partitions of events cannot be looked after");
                }
            }
            if let Err(error) = ingest.settle().await {
                tracing::warn!(%error, "exposures cannot be checked");
            }
            tokio::select! {
                () = tokio::time::sleep(ingest.settings().check_interval) => {}
                _ = stop.changed() => {}
            }
        }
    })
}

async fn keep_house(ingest: &Ingest) -> StoreResult<()> {
    let store = ingest.store();
    store.make_event_partitions().await?;
    store.turn_event_generation().await?;
    let dropped = store.drop_old_events(ingest.settings().retention).await?;
    if !dropped.is_empty() {
        tracing::info!(partitions = dropped.join(", "), "events older than EVENT_RETENTION were dropped");
    }
    Ok(())
}
