//! From sums to a verdict: what an experiment's events say so far, or said at any past time.
//!
//! The sums are the store's, the mathematics is `lotwise_stats`'s; here they meet.

mod breakdown;
mod export;
mod look;
mod memory;
mod planning;
mod question;
mod report;
mod sums;
mod watch;
mod words;

pub use export::csv;
pub use look::look;
pub use planning::plan_json;
pub use question::{MethodName, Question};
pub use report::{Report, Segment, VariantSummary};
pub use watch::keep_looking;
pub use words::{camel_case, spelled};
