//! Taking events: a bounded queue in front of a few transactions, and what happens to events afterwards.
//!
//! A request's events wait in the queue until a writer takes them, together with what other requests have
//! brought meanwhile, into one transaction. The request is answered after that transaction's commit. A queue
//! that is full refuses the request as a whole; nothing is dropped.

mod check;
mod counts;
mod queue;
mod resolve;
mod settings;
mod tracked;
mod upkeep;
mod waiting;

pub use counts::IngestCounts;
pub use queue::NotTaken;
pub use settings::IngestSettings;
pub use tracked::Tracked;
pub use waiting::WaitingEvent;

use std::sync::Arc;

use lotwise_serving::{EventsCall, Refused};
use tokio::sync::watch;

use crate::domain::event::Source;
use crate::domain::experiment::Experiment;
use crate::store::events::Watermark;
use crate::store::{Store, StoreResult, now};
use check::Checker;
use counts::Counters;
use queue::Queue;

/// Where events are handed in. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Ingest {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    settings: IngestSettings,
    queue: Queue,
    counters: Arc<Counters>,
    checker: Checker,
}

impl Ingest {
    /// Begins to take events. Without the tasks of [`Self::keep_up`] they are neither checked nor dropped.
    pub fn new(store: Store, settings: IngestSettings) -> Self {
        let counters = Arc::new(Counters::default());
        let queue = Queue::start(&store, &settings, &counters);
        let checker = Checker::new(settings.check_share);
        Self { inner: Arc::new(Inner { store, settings, queue, counters, checker }) }
    }

    /// Makes partitions ahead, forgets what is old and checks exposures, until `stop` turns true.
    pub fn keep_up(&self, stop: watch::Receiver<bool>) -> tokio::task::JoinHandle<()> {
        upkeep::spawn(self.clone(), stop)
    }

    /// Takes the events of a request. Once this returns they are durable, but for those that are refused.
    ///
    /// # Errors
    ///
    /// None of them may have been taken: the request is to be sent again.
    pub async fn take(&self, call: &EventsCall<'_>, source: Source) -> Result<Vec<Refused>, NotTaken> {
        let now = now();
        let mut refused = Vec::new();
        let mut events = Vec::with_capacity(call.events().len());
        for (index, event) in call.events() {
            match WaitingEvent::new(index, event, call.request_id(), source, now, &self.inner.settings) {
                Ok(waiting) => events.push(waiting),
                Err(refusal) => refused.push(Refused::new(index, refusal)),
            }
        }
        self.inner.counters.refused(&refused);
        refused.extend(self.inner.queue.put(events).await?);
        Ok(refused)
    }

    /// Takes one event of an experiment. Gives the refusal, if it is refused.
    ///
    /// # Errors
    ///
    /// It may not have been taken: it is to be sent again.
    pub async fn track(
        &self,
        tracked: Tracked,
        experiment: &Experiment,
        request_id: &str,
    ) -> Result<Option<Refused>, NotTaken> {
        let now = now();
        match tracked.into_waiting(experiment, request_id, now, &self.inner.settings) {
            Ok(event) => Ok(self.inner.queue.put(vec![event]).await?.pop()),
            Err(refusal) => {
                let refused = Refused::new(0, refusal);
                self.inner.counters.refused(std::slice::from_ref(&refused));
                Ok(Some(refused))
            }
        }
    }

    /// Closes and checks everything that was written before this call.
    pub async fn settle(&self) -> StoreResult<Watermark> {
        self.inner.checker.settle(&self.inner.store).await
    }

    /// What has happened since the start of this process.
    pub fn counts(&self) -> IngestCounts {
        self.inner.counters.read(self.inner.queue.waiting())
    }

    fn settings(&self) -> &IngestSettings {
        &self.inner.settings
    }

    fn store(&self) -> &Store {
        &self.inner.store
    }
}
