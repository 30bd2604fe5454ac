//! What is wrong with a document, and where.

use alloc::string::String;
use core::fmt;

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

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "the document" } else { &self.pointer };
        write!(f, "{place}: {} ({})", self.detail, self.code)
    }
}

impl core::error::Error for Fault {}
