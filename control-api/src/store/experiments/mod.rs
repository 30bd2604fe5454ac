//! Experiments with their variants and allocations, read and written as a whole.

mod create;
mod delete;
mod edit;
mod list;
pub(super) mod load;
mod purge;
mod row;
mod save;

pub use create::{EnvironmentChoice, EnvironmentPlace};
pub use edit::Edit;
pub use list::Filter;
