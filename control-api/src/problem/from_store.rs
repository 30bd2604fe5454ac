//! Failures of the database as problems.

use super::Problem;
use crate::store::StoreError;

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(refusal) => refusal.into(),
            StoreError::Unavailable(cause) => {
                tracing::warn!(%cause, "database unavailable");
                Self::unavailable(
                    "database_unavailable",
                    "The database does not answer. Nothing was changed unless it says otherwise \
                     when it is back.",
                )
            }
            StoreError::Internal(cause) => Self::internal(&cause),
        }
    }
}
