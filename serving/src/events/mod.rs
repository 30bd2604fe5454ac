//! `POST /events`: batches of events on their way to a queue.

mod batch;
mod call;
mod event;

pub use call::EventsCall;
pub(crate) use call::MAX_BATCH_BYTES;
