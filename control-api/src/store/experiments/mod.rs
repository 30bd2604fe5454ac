//! Experiments with their variants and allocations, read and written as a whole.

pub(super) mod attached;
mod create;
mod delete;
pub(super) mod edit;
mod list;
pub(super) mod load;
mod overrides;
mod purge;
mod row;
pub(super) mod save;
mod surroundings;

pub use create::{EnvironmentChoice, EnvironmentPlace};
pub use edit::Edit;
pub use list::Filter;
pub use surroundings::Mentions;
