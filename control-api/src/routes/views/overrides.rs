//! Overrides as answers show them.

use serde::Serialize;
use utoipa::ToSchema;

/// A user pinned to a variant.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Override)]
pub struct OverrideView {
    /// Who.
    pub user_key: String,
    /// The key of the variant they get.
    pub variant: String,
    /// The experiment's version; also the `ETag`.
    pub version: i64,
}
