//! Failures of the object store as problems.

use axum::http::StatusCode;

use super::Problem;
use crate::publish::ObjectStoreError;

impl From<ObjectStoreError> for Problem {
    fn from(error: ObjectStoreError) -> Self {
        tracing::warn!(%error, "the store cannot be published to");
        match error {
            ObjectStoreError::Unavailable(_) | ObjectStoreError::Denied { .. } => Self::unavailable(
                "store_unavailable",
                "The store for snapshots does not answer, or refuses; nothing was published.",
            ),
            ObjectStoreError::Unconditional => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "store_unconditional",
                "The store ignores conditional writes, so that two publishers could overwrite each \
                 other. Use another store, or allow it with ALLOW_UNCONDITIONAL_STORE.",
            ),
            ObjectStoreError::Foreign(detail) => Self::conflict("store_conflict", detail),
        }
    }
}
