//! Assignments: deciding for a user and keeping what was decided, in one transaction.
//!
//! A call first reads what was given before together with the environment's revision, which tells whether
//! the document at hand is still that of the rows. Most calls end there, with an exposure to append. A
//! first call inserts; of two at once the second finds the row and is decided again.

mod assign;
mod document;
mod documents;
mod exposures;
mod given;
mod keep;

pub use documents::Compiled;
pub(super) use documents::Documents;
