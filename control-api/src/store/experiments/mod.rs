//! Experiments with their variants and allocations, read and written as a whole.

mod create;
mod delete;
mod edit;
mod list;
pub(super) mod load;
mod row;
mod save;

pub(in crate::store) use create::choose;
pub use create::EnvironmentChoice;
pub use edit::Edit;
pub use list::Filter;
