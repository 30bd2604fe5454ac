//! From exposures and events to sums and verdicts.

mod fixture;
mod journey;
mod mature;
mod metrics;
mod prometheus;
mod stats;
mod sums;
