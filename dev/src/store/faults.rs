//! Switches that make the store misbehave, for tests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;

/// What happens to every read of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ReadFault {
    /// Nothing.
    #[default]
    None,
    /// The answer comes late.
    Delay(Duration),
    /// The answer is this status, without the object.
    Status(u16),
    /// The connection breaks in the middle of the object.
    Truncate,
}

/// What happens to a write with `If-Match` or `If-None-Match`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ConditionalWrites {
    /// It is atomic, as it should be.
    #[default]
    Honoured,
    /// The condition is not looked at, as some stores do.
    Ignored,
    /// It is answered with `501 Not Implemented`, as other stores do.
    Refused,
}

/// A handle on a store's switches.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    reads: ReadFault,
    conditional_writes: ConditionalWrites,
    failing_writes: Option<u16>,
    replaced: BTreeMap<String, Bytes>,
    reads_by_key: BTreeMap<String, u64>,
}

impl Faults {
    /// Chooses what happens to reads from now on.
    pub fn on_reads(&self, fault: ReadFault) {
        self.state().reads = fault;
    }

    /// Chooses what happens to conditional writes from now on.
    pub fn on_conditional_writes(&self, behaviour: ConditionalWrites) {
        self.state().conditional_writes = behaviour;
    }

    /// Answers every write with this status, or serves writes again.
    pub fn fail_writes(&self, status: Option<u16>) {
        self.state().failing_writes = status;
    }

    /// Answers reads of an object with other bytes: rubbish, too many, or an old version's.
    pub fn replace(&self, key: &str, bytes: impl Into<Bytes>) {
        self.state().replaced.insert(key.to_owned(), bytes.into());
    }

    /// Ends every fault.
    pub fn clear(&self) {
        let mut state = self.state();
        let reads_by_key = std::mem::take(&mut state.reads_by_key);
        *state = State { reads_by_key, ..State::default() };
    }

    /// How many reads of objects were asked for so far.
    pub fn read_count(&self) -> u64 {
        self.state().reads_by_key.values().sum()
    }

    /// The same by key, whether there is such an object or not.
    pub fn reads_by_key(&self) -> BTreeMap<String, u64> {
        self.state().reads_by_key.clone()
    }

    pub(super) fn next_read(&self, key: &str) -> ReadFault {
        let mut state = self.state();
        *state.reads_by_key.entry(key.to_owned()).or_default() += 1;
        state.reads.clone()
    }

    pub(super) fn failing_writes(&self) -> Option<u16> {
        self.state().failing_writes
    }

    pub(super) fn conditional_writes(&self) -> ConditionalWrites {
        self.state().conditional_writes
    }

    pub(super) fn replacement(&self, key: &str) -> Option<Bytes> {
        self.state().replaced.get(key).cloned()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
