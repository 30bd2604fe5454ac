//! The job that deletes experiments which were archived long ago.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::domain::actor::Actor;
use crate::store::{Store, StoreResult};

/// Time between two looks.
const INTERVAL: Duration = Duration::from_hours(1);

/// Deletes every experiment that was archived longer ago than `age`, each in a transaction of its own
/// with its row of the history. How many. Replicas that do so at once share the work.
pub async fn purge_archived(store: &Store, age: Duration) -> StoreResult<usize> {
    let actor = Actor::job("retention");
    let mut count = 0;
    while let Some(experiment) = store.purge_archived(&actor, age).await? {
        tracing::info!(experiment = %experiment.id, key = experiment.key, "deleted after its retention");
        count += 1;
    }
    Ok(count)
}

/// Does so now and every hour until `stop` turns true.
pub fn keep_purging(store: Store, age: Duration, mut stop: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        while !*stop.borrow() {
            if let Err(error) = purge_archived(&store, age).await {
                tracing::warn!(%error, "archived experiments could not be deleted; trying again in an hour");
            }
            tokio::select! {
                () = tokio::time::sleep(INTERVAL) => {}
                _ = stop.changed() => {}
            }
        }
    })
}
