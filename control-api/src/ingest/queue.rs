//! The queue, and the writers that empty it.

use std::sync::Arc;

use lotwise_serving::Refused;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::counts::Counters;
use super::resolve::{Rows, wanted};
use super::{IngestSettings, WaitingEvent};
use crate::store::{Store, StoreError, StoreResult};

/// As many events as one transaction takes, about.
const GROUP: usize = 5_000;
/// The most events of a request.
const MAX_BATCH: usize = 1_000;

/// Why events are not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// Too many wait.
    Overloaded,
    /// The database cannot be written to.
    Unavailable,
}

/// The events of one request.
#[derive(Debug)]
struct Batch {
    events: Vec<WaitingEvent>,
    /// Their places in the queue, given back when they are written.
    _places: OwnedSemaphorePermit,
    done: oneshot::Sender<Result<Vec<Refused>, NotTaken>>,
}

/// A bounded queue.
#[derive(Debug)]
pub(super) struct Queue {
    places: Arc<Semaphore>,
    size: usize,
    sender: mpsc::UnboundedSender<Batch>,
    counters: Arc<Counters>,
}

impl Queue {
    /// A queue whose writers work as long as it is there.
    pub(super) fn start(store: &Store, settings: &IngestSettings, counters: &Arc<Counters>) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..settings.writers.max(1) {
            let (store, receiver, counters) = (store.clone(), Arc::clone(&receiver), Arc::clone(counters));
            tokio::spawn(async move {
                while let Some(batches) = next_group(&receiver).await {
                    write_group(&store, batches, &counters).await;
                }
            });
        }
        // Room for one batch at least.
        let size = settings.queue.clamp(MAX_BATCH, Semaphore::MAX_PERMITS);
        Self { places: Arc::new(Semaphore::new(size)), size, sender, counters: Arc::clone(counters) }
    }

    /// Hands events in and waits until they are written. Gives the refused ones.
    pub(super) async fn put(&self, events: Vec<WaitingEvent>) -> Result<Vec<Refused>, NotTaken> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let count = u32::try_from(events.len()).unwrap_or(u32::MAX);
        let Ok(places) = Arc::clone(&self.places).try_acquire_many_owned(count) else {
            self.counters.overloaded(events.len());
            return Err(NotTaken::Overloaded);
        };
        let (done, outcome) = oneshot::channel();
        // Writers end with the queue, and answer what they have begun.
        let _ = self.sender.send(Batch { events, _places: places, done });
        outcome.await.unwrap_or(Err(NotTaken::Unavailable))
    }

    /// How many events wait.
    pub(super) fn waiting(&self) -> u64 {
        self.size.saturating_sub(self.places.available_permits()) as u64
    }
}

/// What waits, up to about [`GROUP`] events; none: the queue is gone.
async fn next_group(receiver: &Mutex<mpsc::UnboundedReceiver<Batch>>) -> Option<Vec<Batch>> {
    let mut receiver = receiver.lock().await;
    let first = receiver.recv().await?;
    let mut count = first.events.len();
    let mut batches = vec![first];
    while count < GROUP
        && let Ok(batch) = receiver.try_recv()
    {
        count += batch.events.len();
        batches.push(batch);
    }
    Some(batches)
}

/// Writes requests together. If that fails for a reason that lies in one of them, each is written alone, so
/// that the others do not suffer from it.
async fn write_group(store: &Store, mut batches: Vec<Batch>, counters: &Counters) {
    let outcome = write(store, &batches, counters).await;
    match outcome {
        Ok(refused) => {
            for (batch, refused) in batches.into_iter().zip(refused) {
                // Nobody listens any more: the client is gone.
                let _ = batch.done.send(Ok(refused));
            }
        }
        Err(StoreError::Unavailable(cause)) => {
            tracing::warn!(cause, "events cannot be written");
            give_up(batches);
        }
        Err(_) if batches.len() > 1 => {
            while let Some(batch) = batches.pop() {
                Box::pin(write_group(store, vec![batch], counters)).await;
            }
        }
        Err(error) => {
            tracing::error!(%error, "events cannot be written");
            give_up(batches);
        }
    }
}

fn give_up(batches: Vec<Batch>) {
    for batch in batches {
        let _ = batch.done.send(Err(NotTaken::Unavailable));
    }
}

/// Writes requests in one transaction. Gives the refused events of each.
async fn write(store: &Store, batches: &[Batch], counters: &Counters) -> StoreResult<Vec<Vec<Refused>>> {
    let targets = store.event_targets(wanted(batches.iter().flat_map(|it| &it.events))).await?;
    let mut rows = Rows::default();
    let refused: Vec<Vec<Refused>> =
        batches.iter().map(|batch| rows.add(batch.events.clone(), &targets)).collect();
    if !rows.exposures.is_empty() || !rows.events.is_empty() {
        let appended = store.write_events(&rows.exposures, &rows.events).await?;
        counters.written(appended, rows.clamped);
    }
    for refused in &refused {
        counters.refused(refused);
    }
    Ok(refused)
}
