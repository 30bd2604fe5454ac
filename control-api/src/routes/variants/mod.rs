//! Variants.

mod add;
mod remove;
mod update;

pub use add::*;
pub use remove::*;
pub use update::*;
