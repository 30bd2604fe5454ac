//! Versions of environments.

mod find;
mod prepare;
mod row;
mod settle;

pub use find::Documents;
pub use prepare::{Contents, Earlier, Material, NewVersion, Outcome, Prepared, Says};
