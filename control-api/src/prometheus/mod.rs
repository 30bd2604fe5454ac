//! What this process tells Prometheus about itself: counted where it happens, read when it is asked.
//!
//! One registry per process, as there is one process to tell about. Label values are routes, methods,
//! statuses and outcomes of ours, so that nothing a client sends makes a new series.

mod meters;
mod page;

pub use meters::{answered, published};
pub use page::{CONTENT_TYPE, Page};
