//! What a reader needs of its host: the store, a clock, and a place to keep things.

use core::fmt;
use core::time::Duration;
use std::future::{Future, ready};

use crate::published::{Form, InvalidSnapshot, Published, sha256};

/// The host around a reader.
///
/// Paths are relative to the base URL and made of checked parts. The futures are as `Send` as the
/// host makes them: a server moves them between threads, a Worker has one.
pub trait Source {
    /// The time since some point that all readers sharing [`recall`](Self::recall) agree on.
    fn now(&self) -> Duration;

    /// Asks the store for an object, unless it is still what `etag` names. Ends within the host's
    /// time-out, follows no redirects, and takes at most `max_bytes`.
    fn fetch(
        &self,
        path: &str,
        etag: Option<&str>,
        max_bytes: usize,
    ) -> impl Future<Output = Result<Fetched, FetchError>>;

    /// Waits.
    fn pause(&self, time: Duration) -> impl Future<Output = ()>;

    /// Verifies and loads an object, where and how the host does such work best.
    fn load(
        &self,
        form: Form<'_>,
        object: &[u8],
    ) -> impl Future<Output = Result<Published, InvalidSnapshot>> {
        ready(form.load(object, &sha256(object)))
    }

    /// What [`keep`](Self::keep) was given for this path, by this reader or one nearby.
    fn recall(&self, path: &str) -> impl Future<Output = Option<Kept>> {
        let _ = path;
        ready(None)
    }

    /// Keeps an object that turned out good where a fresh reader finds it. May do nothing.
    fn keep(&self, path: &str, object: &Object) -> impl Future<Output = ()> {
        let _ = (path, object);
        ready(())
    }

    /// Hears what came of a look, for the host's log.
    fn report(&self, environment: &str, report: Report<'_>) {
        let _ = (environment, report);
    }
}

/// What came of a look at the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report<'r> {
    /// This version is served from now on.
    Loaded(u64),
    /// One form of the snapshot could not be taken for this reason; the next is tried.
    Skipped(&'r str),
    /// This went wrong; what was held is served on.
    Failed(&'r str),
}

/// An object and its entity tag, if it has one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    /// What it holds.
    pub bytes: Vec<u8>,
    /// As the store wrote it, quotes and all.
    pub etag: Option<String>,
}

/// An object that was kept, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The object.
    pub object: Object,
    /// [`Source::now`] at that time.
    pub stored_at: Duration,
}

/// What the store answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The object.
    Object(Object),
    /// It is what the entity tag said.
    NotModified,
    /// There is no such object.
    Absent,
}

/// Why nothing came. Says nothing about addresses, since `/health` shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchError {
    /// Nothing came within the time-out.
    TimedOut,
    /// No connection.
    Unreachable,
    /// An answer that is neither an object nor its absence.
    Status(u16),
    /// More bytes than asked for.
    TooLarge,
    /// The answer ended early.
    BrokenOff,
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut => f.write_str("the store did not answer in time"),
            Self::Unreachable => f.write_str("the store cannot be reached"),
            Self::Status(status) => write!(f, "the store answered with status {status}"),
            Self::TooLarge => f.write_str("the object is larger than it should be"),
            Self::BrokenOff => f.write_str("the answer broke off"),
        }
    }
}

impl std::error::Error for FetchError {}
