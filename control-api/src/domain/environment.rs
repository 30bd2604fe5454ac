//! Environments and their names.

use chrono::{DateTime, Utc};
use lotwise_core::document::is_environment_name;
use lotwise_serving::is_servable_environment;
use serde::Serialize;
use uuid::Uuid;

/// A place with its own experiments and its own published snapshots.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
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
    /// The earlier version that a rollback brought back, until the next publish.
    pub rolled_back_to: Option<i64>,
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
        is_environment_name(text).then(|| Self::Name(text.to_owned()))
    }
}

/// The environment that is made when an experiment comes before any environment.
pub const FIRST_ENVIRONMENT: &str = "default";

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

/// Says what keeps `text` from naming an environment. Which words are reserved is for those to say
/// who serve them.
pub fn check_name(text: &str) -> Result<(), NameFault> {
    if !is_environment_name(text) {
        return Err(NameFault::Form);
    }
    if !is_servable_environment(text) {
        return Err(NameFault::Reserved);
    }
    if text.parse::<Uuid>().is_ok() {
        return Err(NameFault::Id);
    }
    Ok(())
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
        for word in lotwise_serving::RESERVED_NAMES.iter().filter(|word| is_environment_name(word)) {
            assert_eq!(check_name(word), Err(NameFault::Reserved), "{word}");
        }
        assert_eq!(check_name("0198c0de0000700080000000000000aa"), Err(NameFault::Id));
    }
}
