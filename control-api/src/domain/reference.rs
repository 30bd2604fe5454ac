//! How callers point at groups, segments and holdouts.

use lotwise_core::document::is_environment_name;
use uuid::Uuid;

use super::key::is_key;

/// A resource by its id or as `environment:key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceRef {
    /// By id.
    Id(Uuid),
    /// As `environment:key`.
    Key {
        /// The environment's name.
        environment: String,
        /// The resource's key.
        key: String,
    },
}

impl ResourceRef {
    /// An id or a well-formed `environment:key`, else none.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(id) = text.parse() {
            return Some(Self::Id(id));
        }
        let (environment, key) = text.split_once(':')?;
        (is_environment_name(environment) && is_key(key))
            .then(|| Self::Key { environment: environment.to_owned(), key: key.to_owned() })
    }

    /// The id, or the environment and the key.
    pub fn parts(&self) -> (Option<Uuid>, Option<&str>, Option<&str>) {
        match self {
            Self::Id(id) => (Some(*id), None, None),
            Self::Key { environment, key } => (None, Some(environment), Some(key)),
        }
    }
}
