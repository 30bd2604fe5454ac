//! What is wrong with a document, and where.

use alloc::string::String;
use alloc::vec::Vec;

/// One thing wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer (RFC 6901) of the offending value, e.g. `/experiments/0/rules/1/variant`.
    pub pointer: String,
    /// A stable, machine-readable name of the fault, e.g. `unknown_operator`.
    pub code: &'static str,
    /// What is wrong and what would be right, for people.
    pub detail: String,
}

/// Every fault that keeps a document from being published. Placeholder.
pub fn check(_document: &[u8]) -> Vec<Fault> {
    Vec::new()
}
