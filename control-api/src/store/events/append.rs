//! Events as part of another transaction.

use sqlx::PgConnection;
use uuid::Uuid;

use super::claim::{Appended, begin};
use crate::domain::event::{NewEvent, NewExposure};
use crate::store::StoreResult;

/// Writes events in the caller's transaction. Call it last before the commit: until then it holds a lock that
/// keeps the watermark back.
///
/// # Errors
///
/// What the database says; the caller's transaction is lost then.
pub async fn append(
    connection: &mut PgConnection,
    exposures: &[NewExposure],
    events: &[NewEvent],
) -> StoreResult<Appended> {
    let claim = begin(connection).await?;
    let ids: Vec<Uuid> = exposures.iter().map(|it| it.id).chain(events.iter().map(|it| it.id)).collect();
    let all = ids.len() as u64;
    let mut new = claim.take(connection, ids).await?;
    let mut written = 0;
    for exposure in exposures {
        // Taken out, so that an id that stands twice is written once.
        if new.remove(&exposure.id) {
            insert_exposure(connection, claim.batch, claim.received_at, exposure).await?;
            written += 1;
        }
    }
    for event in events {
        if new.remove(&event.id) {
            insert_event(connection, claim.batch, claim.received_at, event).await?;
            written += 1;
        }
    }
    Ok(Appended { written, duplicates: all - written })
}

type Time = chrono::DateTime<chrono::Utc>;

async fn insert_exposure(
    connection: &mut PgConnection,
    batch: i64,
    received_at: Time,
    it: &NewExposure,
) -> StoreResult<()> {
    let sql = "insert into exposures (received_at, batch, id, environment_id, experiment_id, variant_id, \
               user_key, reason, counts, is_override, is_verified, is_clamped, source, config_version, \
               snapshot_sha256, context, sticky, properties, occurred_at, request_id) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16::text::json, \
               $17::text::json, $18::text::json, coalesce($19, $1), $20)";
    sqlx::query(sql)
        .bind(received_at)
        .bind(batch)
        .bind(it.id)
        .bind(it.environment_id)
        .bind(it.experiment_id)
        .bind(it.variant_id)
        .bind(it.user_key.as_bytes())
        .bind(it.reason.name())
        .bind(it.counts())
        .bind(it.is_override)
        .bind(it.source.is_verified())
        .bind(it.occurred.is_clamped)
        .bind(it.source.code())
        .bind(it.config_version)
        .bind(it.snapshot_sha256.as_ref().map(<[u8; 32]>::as_slice))
        .bind(it.context.as_deref())
        .bind(it.sticky.as_deref())
        .bind(it.properties.as_deref())
        .bind(it.occurred.at)
        .bind(it.request_id.as_deref())
        .execute(connection)
        .await?;
    Ok(())
}

async fn insert_event(
    connection: &mut PgConnection,
    batch: i64,
    received_at: Time,
    it: &NewEvent,
) -> StoreResult<()> {
    let sql = "insert into events (received_at, batch, id, environment_id, experiment_id, user_key, \
               event_name, value, is_verified, is_clamped, source, properties, occurred_at, request_id) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::text::json, coalesce($13, $1), $14)";
    sqlx::query(sql)
        .bind(received_at)
        .bind(batch)
        .bind(it.id)
        .bind(it.environment_id)
        .bind(it.experiment_id)
        .bind(it.user_key.as_bytes())
        .bind(&it.event_name)
        .bind(it.value)
        .bind(it.source.is_verified())
        .bind(it.occurred.is_clamped)
        .bind(it.source.code())
        .bind(it.properties.as_deref())
        .bind(it.occurred.at)
        .bind(it.request_id.as_deref())
        .execute(connection)
        .await?;
    Ok(())
}
