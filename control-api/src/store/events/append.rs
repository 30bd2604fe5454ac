//! Events as part of another transaction.

use sqlx::PgConnection;
use uuid::Uuid;

use super::claim::{Appended, begin};
use super::write::once;
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
    let exposures = once(exposures, |it| it.id, &mut new);
    if !exposures.is_empty() {
        insert_exposures(connection, claim.batch, claim.received_at, &exposures).await?;
    }
    let events = once(events, |it| it.id, &mut new);
    if !events.is_empty() {
        insert_events(connection, claim.batch, claim.received_at, &events).await?;
    }
    let written = (exposures.len() + events.len()) as u64;
    Ok(Appended { written, duplicates: all - written })
}

type Time = chrono::DateTime<chrono::Utc>;

async fn insert_exposures(
    connection: &mut PgConnection,
    batch: i64,
    received_at: Time,
    rows: &[&NewExposure],
) -> StoreResult<()> {
    let sql = "insert into exposures (received_at, batch, id, environment_id, experiment_id, variant_id, \
               user_key, reason, counts, is_override, is_verified, is_clamped, source, config_version, \
               snapshot_sha256, context, sticky, properties, occurred_at, request_id) \
               select $1, $2, id, environment_id, experiment_id, variant_id, user_key, reason, counts, \
               is_override, is_verified, is_clamped, source, config_version, snapshot_sha256, context::json, \
               sticky::json, properties::json, coalesce(occurred_at, $1), request_id \
               from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::bytea[], $8::text[], $9::bool[], \
               $10::bool[], $11::bool[], $12::bool[], $13::smallint[], $14::bigint[], $15::bytea[], $16::text[], \
               $17::text[], $18::text[], $19::timestamptz[], $20::text[]) as given (id, environment_id, \
               experiment_id, variant_id, user_key, reason, counts, is_override, is_verified, is_clamped, \
               source, config_version, snapshot_sha256, context, sticky, properties, occurred_at, request_id)";
    sqlx::query(sql)
        .bind(received_at)
        .bind(batch)
        .bind(column(rows, |it| it.id))
        .bind(column(rows, |it| it.environment_id))
        .bind(column(rows, |it| it.experiment_id))
        .bind(column(rows, |it| it.variant_id))
        .bind(column(rows, |it| it.user_key.as_bytes()))
        .bind(column(rows, |it| it.reason.name()))
        .bind(column(rows, NewExposure::counts))
        .bind(column(rows, |it| it.is_override))
        .bind(column(rows, |it| it.source.is_verified()))
        .bind(column(rows, |it| it.occurred.is_clamped))
        .bind(column(rows, |it| it.source.code()))
        .bind(column(rows, |it| it.config_version))
        .bind(column(rows, |it| it.snapshot_sha256.as_ref().map(<[u8; 32]>::as_slice)))
        .bind(column(rows, |it| it.context.as_deref()))
        .bind(column(rows, |it| it.sticky.as_deref()))
        .bind(column(rows, |it| it.properties.as_deref()))
        .bind(column(rows, |it| it.occurred.at))
        .bind(column(rows, |it| it.request_id.as_deref()))
        .execute(connection)
        .await?;
    Ok(())
}

async fn insert_events(
    connection: &mut PgConnection,
    batch: i64,
    received_at: Time,
    rows: &[&NewEvent],
) -> StoreResult<()> {
    let sql = "insert into events (received_at, batch, id, environment_id, experiment_id, user_key, \
               event_name, value, is_verified, is_clamped, source, properties, occurred_at, request_id) \
               select $1, $2, id, environment_id, experiment_id, user_key, event_name, value, is_verified, \
               is_clamped, source, properties::json, coalesce(occurred_at, $1), request_id \
               from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::bytea[], $7::text[], $8::float8[], $9::bool[], \
               $10::bool[], $11::smallint[], $12::text[], $13::timestamptz[], $14::text[]) as given (id, \
               environment_id, experiment_id, user_key, event_name, value, is_verified, is_clamped, source, \
               properties, occurred_at, request_id)";
    sqlx::query(sql)
        .bind(received_at)
        .bind(batch)
        .bind(column(rows, |it| it.id))
        .bind(column(rows, |it| it.environment_id))
        .bind(column(rows, |it| it.experiment_id))
        .bind(column(rows, |it| it.user_key.as_bytes()))
        .bind(column(rows, |it| it.event_name.as_str()))
        .bind(column(rows, |it| it.value))
        .bind(column(rows, |it| it.source.is_verified()))
        .bind(column(rows, |it| it.occurred.is_clamped))
        .bind(column(rows, |it| it.source.code()))
        .bind(column(rows, |it| it.properties.as_deref()))
        .bind(column(rows, |it| it.occurred.at))
        .bind(column(rows, |it| it.request_id.as_deref()))
        .execute(connection)
        .await?;
    Ok(())
}

/// One value of every row.
fn column<'e, T, V>(rows: &[&'e T], value: impl Fn(&'e T) -> V) -> Vec<V> {
    rows.iter().copied().map(value).collect()
}
