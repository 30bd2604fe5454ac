//! From exposures and events to sums and verdicts.

mod fixture;
mod journey;
mod little;
mod metrics;
mod plans;
mod prometheus;
mod stats;
mod sums;
