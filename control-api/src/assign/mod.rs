//! Persistent assignment as a library: what `POST /experiments/{id}/assign` does, without HTTP in between.
//!
//! An [`Assigner`] decides for a user and keeps it: who is in stays in. It stands on a [`Store`]:
//! Postgres ([`crate::store::Store`]), Postgres behind a cache ([`CachedStore`]), memory ([`MemoryStore`]) or
//! one's own. Exposures go to the store, in the transaction of the assignment, or to an [`ExposureSink`].
//! For axum there is an extractor, [`Assignments`], and the middleware [`identify`] that says who asks.
//!
//! ```
//! use lotwise_control::assign::{Assigner, ExperimentRef, MemoryStore, Question};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let document = br#"{"schema_version":1,"environment":"prod","version":1,
//!     "published_at":"2026-11-21T10:00:00Z","experiments":[{"id":"e1","key":"button",
//!     "status":"RUNNING","salt":"s","hash":"murmur3","variants":[{"id":"v1","key":"blue"}],
//!     "allocations":[{"variant":"blue","range_start":0,"range_end":9999}]}]}"#;
//! let assigner = Assigner::new(MemoryStore::new(document)?).in_environment("prod");
//!
//! let button = assigner.experiment("button").expect("it is a key");
//! let question = Question::new("user-123", r#"{"country":"NZ"}"#, Some("request-1"))?;
//! let assignment = assigner.assign(&button, question).await?;
//! assert_eq!(assignment.variant.map(|variant| variant.key).as_deref(), Some("blue"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

mod assigner;
mod cache;
mod cached;
mod cookie;
mod error;
mod extractor;
mod memory;
mod sink;
mod store;
mod visitor;

pub use assigner::Assigner;
pub use cached::CachedStore;
pub use error::Error;
pub use extractor::Assignments;
pub use memory::MemoryStore;
pub use sink::{ExposureSink, NoSink, Recorded, RecordingSink, SinkError, TracingSink};
pub use store::{Answers, Store};
pub use visitor::{Visitor, Visitors, identify};

pub use crate::domain::assignment::{
    Assigned, Assignment, Decided, Document, Exposure, InvalidQuestion, MAX_CONTEXT_BYTES, Question,
};
pub use crate::domain::experiment::ExperimentRef;
pub use lotwise_core::Reason;
