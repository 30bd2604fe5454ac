//! Segments.

mod create;
mod edit;
mod find;
mod usage;

pub use edit::SegmentPatch;
pub use find::of_environment;
pub use usage::Usage;
