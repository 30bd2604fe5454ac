//! From exposures and events to sums and verdicts.

mod fixture;
mod sums;
