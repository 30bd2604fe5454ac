//! Groups and the slices of their members.

mod change;
mod create;
mod find;
mod members;
mod slices;

pub use change::GroupPatch;
pub(super) use find::by_key;
pub(super) use members::{save_membership, touch};
