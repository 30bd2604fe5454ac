//! Environments and their names.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A place with its own experiments and its own published snapshots.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Stable identifier.
    pub id: Uuid,
    /// Unique; the first segment of every published path.
    pub name: String,
    /// Whether new experiments are published to pages unless they say otherwise.
    pub client_side_default: bool,
    /// Grows with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// How a caller points at an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvironmentRef {
    /// By id.
    Id(Uuid),
    /// By name.
    Name(String),
}

impl EnvironmentRef {
    /// An id, else a well-formed name, else none.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(id) = text.parse() {
            return Some(Self::Id(id));
        }
        has_name_form(text).then(|| Self::Name(text.to_owned()))
    }
}

/// The environment that is made when an experiment comes before any environment.
pub const FIRST_ENVIRONMENT: &str = "default";

/// First path segments of the hosts that serve snapshots and decisions: an environment of that
/// name would be unreachable behind them.
const RESERVED: [&str; 18] = [
    "api",
    "assets",
    "client",
    "dashboard",
    "decide",
    "docs",
    "events",
    "explain",
    "favicon",
    "health",
    "metrics",
    "ofrep",
    "openapi",
    "ready",
    "snapshots",
    "static",
    "v1",
    "version",
];

/// Why a text cannot name an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameFault {
    /// Not `[a-z0-9][a-z0-9-]{0,62}`.
    Form,
    /// A word that paths need.
    Reserved,
    /// It reads as an id, and ids and names stand in the same places.
    Id,
}

/// Says what keeps `text` from naming an environment.
pub fn check_name(text: &str) -> Result<(), NameFault> {
    if !has_name_form(text) {
        return Err(NameFault::Form);
    }
    if RESERVED.contains(&text) {
        return Err(NameFault::Reserved);
    }
    if text.parse::<Uuid>().is_ok() {
        return Err(NameFault::Id);
    }
    Ok(())
}

/// Whether `text` matches `[a-z0-9][a-z0-9-]{0,62}`.
pub fn has_name_form(text: &str) -> bool {
    text.len() <= 63
        && !text.is_empty()
        && !text.starts_with('-')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        assert_eq!(check_name("prod"), Ok(()));
        assert_eq!(check_name("prod-eu-1"), Ok(()));
        assert_eq!(check_name(&"a".repeat(64)), Err(NameFault::Form));
        for bad in ["", "-a", "Prod", "a_b", "a/b", "ä", "..", "a b"] {
            assert_eq!(check_name(bad), Err(NameFault::Form), "{bad}");
        }
        assert_eq!(check_name("api"), Err(NameFault::Reserved));
        assert_eq!(check_name("0198c0de0000700080000000000000aa"), Err(NameFault::Id));
    }
}
