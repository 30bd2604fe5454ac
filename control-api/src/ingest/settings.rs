//! How events are taken.

use std::time::Duration;

/// Settings of taking and keeping events.
#[derive(Clone, Copy, Debug)]
pub struct IngestSettings {
    /// Older events are refused.
    pub max_age: Duration,
    /// Events further in the future are refused; nearer ones count as happening when they are received.
    pub max_ahead: Duration,
    /// Events that may wait to be written.
    pub queue: usize,
    /// Transactions at a time.
    pub writers: usize,
    /// How long events are kept.
    pub retention: Duration,
    /// The share of exposures that are decided again, 0 to 1.
    pub check_share: f64,
    /// Between two looks for exposures to check.
    pub check_interval: Duration,
}

const DAY: Duration = Duration::from_hours(24);

impl Default for IngestSettings {
    fn default() -> Self {
        Self {
            max_age: DAY * 30,
            max_ahead: DAY,
            queue: 20_000,
            writers: 2,
            retention: DAY * 400,
            check_share: 1.0,
            check_interval: Duration::from_secs(10),
        }
    }
}
