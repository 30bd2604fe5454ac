//! Assignments: one experiment decided for one user, on a document of that experiment alone.

mod compile;
mod document;
mod exposure;
mod question;
mod relevant;

pub use compile::compile;
pub use document::{Assigned, Assignment, Decided, Document};
pub use exposure::Exposure;
pub use question::{InvalidQuestion, MAX_CONTEXT_BYTES, Question};
