//! What has happened to events, for metrics.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use lotwise_serving::Refused;

use crate::store::events::Appended;

/// Counts of this process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IngestCounts {
    /// Written for the first time.
    pub written: u64,
    /// Written before: their ids were known.
    pub duplicates: u64,
    /// Written, with a time that lay in the future.
    pub clamped: u64,
    /// Not taken, by code.
    pub refused: BTreeMap<&'static str, u64>,
    /// Events that were sent away because too many waited.
    pub overloaded: u64,
    /// Events that wait now.
    pub waiting: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters(Mutex<IngestCounts>);

impl Counters {
    pub(super) fn read(&self, waiting: u64) -> IngestCounts {
        self.with(|counts| IngestCounts { waiting, ..counts.clone() })
    }

    pub(super) fn written(&self, appended: Appended, clamped: u64) {
        self.with(|counts| {
            counts.written += appended.written;
            counts.duplicates += appended.duplicates;
            counts.clamped += clamped;
        });
    }

    pub(super) fn refused(&self, refused: &[Refused]) {
        if refused.is_empty() {
            return;
        }
        self.with(|counts| {
            for it in refused {
                *counts.refused.entry(it.code).or_default() += 1;
            }
        });
    }

    pub(super) fn overloaded(&self, events: usize) {
        self.with(|counts| counts.overloaded += events as u64);
    }

    fn with<T>(&self, act: impl FnOnce(&mut IngestCounts) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
