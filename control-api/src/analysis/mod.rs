//! From sums to a verdict: what an experiment's events say so far, or said at any past time.
//!
//! The sums are the store's, the mathematics is `lotwise_stats`'s; here they meet.

mod breakdown;
mod export;
mod look;
mod memory;
mod plan;
mod question;
mod report;
mod sums;
mod watch;

pub use export::csv;
pub use look::look;
pub use plan::{camel_case, plan_json, spelled};
pub use question::{MethodName, Question};
pub use report::{Report, Segment, VariantSummary};
pub use watch::keep_looking;
