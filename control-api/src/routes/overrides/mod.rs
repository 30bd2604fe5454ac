//! Overrides: users pinned to a variant.

mod list;
mod remove;
mod set;

pub use list::*;
pub use remove::*;
pub use set::*;
