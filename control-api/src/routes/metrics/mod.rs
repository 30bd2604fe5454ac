//! Metrics.

mod create;
mod delete;
mod get;
mod input;
mod list;
mod update;

pub use create::*;
pub use delete::*;
pub use get::*;
pub use list::*;
pub use update::*;
