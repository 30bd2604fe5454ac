//! Keys of environments: what pages and servers bring.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::credential::CredentialKind;

/// Who a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    /// Pages, where everybody can read it.
    Publishable,
    /// Servers.
    Secret,
}

impl KeyKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Publishable, Self::Secret];

    /// The name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Publishable => "publishable",
            Self::Secret => "secret",
        }
    }

    /// The kind of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// What such a key looks like.
    pub fn credential(self) -> CredentialKind {
        match self {
            Self::Publishable => CredentialKind::Publishable,
            Self::Secret => CredentialKind::Secret,
        }
    }
}

/// A key of an environment. Its secret is nowhere.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentKey {
    /// Stable identifier.
    pub id: Uuid,
    /// The environment that it holds for.
    pub environment_id: Uuid,
    /// That environment's name.
    pub environment: String,
    /// Who it is for.
    pub kind: KeyKind,
    /// For people.
    pub name: String,
    /// Grows with each change.
    pub version: i64,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was last used, give or take a minute.
    pub last_used_at: Option<DateTime<Utc>>,
}
