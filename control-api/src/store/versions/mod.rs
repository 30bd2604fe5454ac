//! Versions of environments.

mod contents;
mod find;
mod kill;
mod prepare;
mod row;
mod settle;
mod stored;

pub use contents::{Contents, Earlier, Material, Says};
pub use find::Documents;
pub use kill::Killed;
pub use prepare::{NewVersion, Outcome, Prepared};
pub use stored::{StoredDocument, Which};
