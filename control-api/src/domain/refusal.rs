//! Why a change is not made.

use lotwise_core::Fault;

use super::preview::Preview;
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
    /// A group has fewer free buckets than a slice was to get.
    GroupFull {
        /// How many buckets no member holds.
        free: u16,
    },
    /// Something named in the path is not there.
    NotFound(&'static str),
    /// A publish would move users, or is not the one that was agreed to.
    MovesUsers(Box<Preview>),
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

/// Refuses, with the names of up to ten users, while anything uses `what`. Users are listed by kind,
/// such as `experiment`.
pub fn require_unused<S: AsRef<str>>(
    code: &'static str,
    what: &str,
    users: &[(&str, &[S])],
) -> Result<(), Refusal> {
    let named = |(kind, keys): &(&str, &[S])| -> Vec<String> {
        keys.iter().map(|key| format!("{kind} {}", key.as_ref())).collect()
    };
    let all: Vec<String> = users.iter().flat_map(named).collect();
    if all.is_empty() {
        return Ok(());
    }
    let shown = all.iter().take(10).cloned().collect::<Vec<_>>().join(", ");
    let more = if all.len() > 10 { format!(" and {} more", all.len() - 10) } else { String::new() };
    Err(Refusal::conflict(code, format!("The {what} is in use by {shown}{more}.")))
}
