//! From exposures and events to sums and verdicts.

mod extremes;
mod fixture;
mod journey;
mod little;
mod mature;
mod metrics;
mod phases;
mod planning;
mod plans;
mod prometheus;
mod stats;
mod sums;
mod watch;
