//! Bodies of tokens and keys.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::environment_key::KeyKind;
use crate::domain::role::Role;

/// A new token.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateToken {
    /// For people; the history says `token:` and this name. One live token has it at a time.
    #[schema(min_length = 1, max_length = 128)]
    pub name: String,
    /// What its holder may do.
    pub role: Role,
    /// Ids or names of the environments that it holds for; all of them when absent.
    #[schema(min_items = 1, max_items = 1000)]
    pub environments: Option<Vec<String>>,
    /// From when on it is worth nothing; never when absent.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Fields to change; absent ones stay.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateToken {
    /// For people.
    #[schema(min_length = 1, max_length = 128)]
    pub name: Option<String>,
    /// What its holder may do.
    pub role: Option<Role>,
    /// Ids or names of the environments that it holds for; null: all of them.
    #[schema(min_items = 1, max_items = 1000)]
    pub environments: Option<Vec<String>>,
    /// From when on it is worth nothing; null: never.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A new key of an environment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateEnvironmentKey {
    /// Who it is for.
    pub kind: KeyKind,
    /// For people; the kind when absent.
    #[schema(min_length = 1, max_length = 128)]
    pub name: Option<String>,
}
