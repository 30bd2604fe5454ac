//! Exposures of assignments, on their way to the events.

use sqlx::PgConnection;
use uuid::Uuid;

use super::keep::parse;
use crate::domain::assignment::Exposure;
use crate::domain::event::{NewExposure, Occurred, Source};
use crate::store::{StoreResult, events};

/// Appends exposures, last in the caller's transaction.
pub(super) async fn append(
    connection: &mut PgConnection,
    environment: Uuid,
    exposures: &[&Exposure],
) -> StoreResult<()> {
    let new = exposures.iter().map(|it| new_exposure(environment, it)).collect::<StoreResult<Vec<_>>>()?;
    events::append(connection, &new, &[]).await?;
    Ok(())
}

fn new_exposure(environment_id: Uuid, it: &Exposure) -> StoreResult<NewExposure> {
    Ok(NewExposure {
        id: it.id,
        environment_id,
        experiment_id: parse(&it.experiment_id)?,
        variant_id: parse(&it.variant_id)?,
        user_key: it.user_key.clone(),
        reason: it.reason,
        is_override: it.is_override,
        config_version: None,
        snapshot_sha256: Some(it.document_sha256),
        context: it.context.clone(),
        sticky: it.sticky.clone(),
        properties: None,
        occurred: Occurred::default(),
        request_id: it.request_id.clone(),
        source: Source::Assign,
    })
}
