//! `POST /events`: batches of events on their way to a queue or to where they are kept.

mod batch;
mod call;
mod delivery;
mod event;
mod forms;
mod message;
mod read;

pub(crate) use call::MAX_BATCH_BYTES;
pub use call::{EventsCall, Refused};
pub use delivery::Delivery;
pub use event::{Event, EventKind, Exposure, Refusal, Track, UnixTime};
pub use forms::is_event_name;
pub use message::{Message, UNVERIFIED_HEADER};
