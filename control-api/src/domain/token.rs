//! Tokens of the admin API.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::refusal::Refusal;
use super::role::Role;
use super::scope::Scope;

/// A token: who may do what, and where. Its secret is nowhere.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// Stable identifier.
    pub id: Uuid,
    /// For people, and for the history.
    pub name: String,
    /// What its holder may do.
    pub role: Role,
    /// Where, by environment id; none: everywhere.
    pub environment_ids: Option<Vec<Uuid>>,
    /// The names of those environments, in the same order.
    pub environments: Option<Vec<String>>,
    /// Grows with each change.
    pub version: i64,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// From when on it is worth nothing.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was last used, give or take a minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl Token {
    /// Where its holder may do it.
    pub fn scope(&self) -> Scope {
        Scope::of(self.environment_ids.as_deref())
    }

    /// Whether it is worth anything at that time.
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// What was taken back stays so, and as it was.
    pub fn require_not_revoked(&self) -> Result<(), Refusal> {
        if self.revoked_at.is_none() {
            return Ok(());
        }
        Err(Refusal::conflict("revoked", "The token is revoked; make another one."))
    }
}

/// What a new token is to be.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// For people, and for the history.
    pub name: String,
    /// What its holder may do.
    pub role: Role,
    /// Where, each as a body names it, with the pointer to that place; none: everywhere.
    pub environments: Option<Vec<NamedEnvironment>>,
    /// From when on it is worth nothing.
    pub expires_at: Option<DateTime<Utc>>,
}

/// An environment that a body names, and where it does.
#[derive(Clone, Debug)]
pub struct NamedEnvironment {
    /// Which one.
    pub which: super::environment::EnvironmentRef,
    /// The JSON pointer.
    pub at: String,
}

/// Changes of a token; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct TokenPatch {
    /// Another name.
    pub name: Option<String>,
    /// Another role.
    pub role: Option<Role>,
    /// Other environments; `Some(None)`: all of them.
    pub environments: Option<Option<Vec<NamedEnvironment>>>,
    /// Another end; `Some(None)`: none.
    pub expires_at: Option<Option<DateTime<Utc>>>,
}
