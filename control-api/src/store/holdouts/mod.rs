//! Holdouts.

mod create;
mod edit;
mod find;

pub use edit::HoldoutPatch;
pub(super) use find::{Coverage, layers};
