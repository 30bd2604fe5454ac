//! Persistent assignment.

mod assign;
mod bulk;

pub use assign::*;
pub use bulk::*;
