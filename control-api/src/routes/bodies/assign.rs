//! Bodies of assignments.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A user to assign. `userKey` is needed; it may be called `userId`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Assign {
    /// Who it is: 1 to 512 bytes of UTF-8, taken byte for byte.
    #[schema(min_length = 1, max_length = 512)]
    pub user_key: Option<String>,
    /// The same, instead of `userKey`.
    #[schema(min_length = 1, max_length = 512)]
    pub user_id: Option<String>,
    /// What is known of the user, for targeting: an object of at most 64 KiB.
    #[schema(value_type = Option<Object>)]
    pub context: Option<Value>,
}

/// Users to assign.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AssignMany {
    /// Up to 1,000, none of them twice.
    #[schema(max_items = 1000)]
    pub users: Vec<Assign>,
}
