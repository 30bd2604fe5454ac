//! Why a change is not made.

use lotwise_core::Fault;

use super::status::Status;

/// A change that the domain does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// What was sent can never be right: each place that is wrong.
    Invalid(Vec<Fault>),
    /// It is not right in the present state.
    Conflict {
        /// Stable name of the reason.
        code: &'static str,
        /// The reason, for people.
        detail: String,
    },
    /// The status cannot change that way from here.
    Transition {
        /// The present status.
        from: Status,
        /// The status asked for.
        to: Status,
    },
    /// Something named in the path is not there.
    NotFound(&'static str),
    /// `If-Match` named another version than the present one.
    Stale {
        /// The present version.
        current: i64,
    },
}

impl Refusal {
    /// A conflict with the present state.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::Conflict { code, detail: detail.into() }
    }

    /// One fault in what was sent.
    pub fn fault(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault { pointer: pointer.into(), code, detail: detail.into() }])
    }
}
