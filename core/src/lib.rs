//! Targeting, bucketing and deciding: the one evaluator that every Lotwise host runs.
//!
//! A *document* is what travels ([`document`]); a *snapshot* is what is evaluated ([`Snapshot`]). In
//! reading order: [`Snapshot::load`] turns bytes into a snapshot, [`Subject`] is who is decided for,
//! [`Evaluation`] decides, [`push_assignments`] writes the answer, [`Observer`] watches. [`check`] says
//! what keeps a document from being published.
//!
//! There is no clock, no I/O, no environment and no randomness in here: equal inputs give equal
//! answers on every host.
//!
//! ```
//! use lotwise_core::{Context, Evaluation, Scratch, Snapshot, Subject};
//!
//! let document = br#"{"schema_version":1,"environment":"prod","version":1,
//!     "published_at":"2026-11-21T10:00:00Z","experiments":[{"id":"e1","key":"button-color",
//!     "status":"RUNNING","salt":"s","hash":"murmur3","variants":[{"id":"v1","key":"blue"}],
//!     "allocations":[{"variant":"blue","range_start":0,"range_end":9999}]}]}"#;
//! let snapshot = Snapshot::load(document)?;
//!
//! let context = Context::from_json(r#"{"country":"NZ"}"#)?;
//! let subject = Subject::new("user-123", &context)?;
//! let mut scratch = Scratch::new();
//! let mut evaluation = Evaluation::new(&snapshot, &subject, &mut scratch);
//!
//! let experiment = snapshot.experiment("button-color").expect("it is in the document");
//! let decision = evaluation.decide(experiment);
//! assert_eq!(decision.reason.name(), "SPLIT");
//! assert_eq!(snapshot.variant(decision).map(|variant| variant.key), Some("blue"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]
// Casts between integer widths are everywhere in hashing and table indexes. A document is at most
// 32 MiB, so every index fits 32 bits; where a cast could lose something, the code says why not.
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)]

extern crate alloc;

pub mod bucketing;
mod decide;
#[cfg(feature = "json")]
pub mod document;
#[cfg(feature = "json")]
pub mod explain;
mod fault;
#[cfg(feature = "json")]
mod faults;
mod hash_index;
#[cfg(feature = "json")]
mod json;
mod snapshot;
mod sticky;
mod subject;
mod targeting;
mod value;

pub use decide::{
    Decision, Evaluation, Gate, Observer, Reason, Scratch, Silent, VariantView, push_assignment,
    push_assignments, push_experiment,
};
pub use fault::Fault;
#[cfg(feature = "json")]
pub use json::push_json_string;
#[cfg(feature = "json")]
pub use snapshot::check;
pub use snapshot::{BINARY_FORMAT, ExperimentId, MAX_BINARY_BYTES, Reads, Snapshot, SubjectState};
pub use sticky::Sticky;
pub use subject::{Context, InvalidContext, InvalidUserKey, MAX_USER_KEY_BYTES, Subject};
#[cfg(feature = "json")]
pub use value::InvalidJson;
pub use value::{MAX_DEPTH, Object, Value};

/// Seconds since the Unix epoch, and the nanoseconds after them, of an RFC 3339 date-time or date as
/// `before` and `after` take it.
#[cfg(feature = "json")]
pub fn unix_time(text: &str) -> Option<(i64, u32)> {
    targeting::Instant::parse(text).map(targeting::Instant::parts)
}

/// The version of this crate: part of what makes an answer what it is.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
