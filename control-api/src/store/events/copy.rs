//! Rows in the binary form of COPY: <https://www.postgresql.org/docs/current/sql-copy.html>.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::event::{NewEvent, NewExposure};
use crate::store::{StoreError, StoreResult};

/// Seconds from 1970 to 2000, from where Postgres counts.
const EPOCH_SECONDS: i64 = 946_684_800;
/// A signature, no flags, no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const TRAILER: i16 = -1;
/// As much as is sent at once.
const CHUNK_BYTES: usize = 256 << 10;

const INTO_EXPOSURES: &str = "copy exposures (received_at, batch, id, environment_id, experiment_id, \
     variant_id, user_key, reason, counts, is_override, is_verified, is_clamped, source, config_version, \
     snapshot_sha256, context, sticky, properties, occurred_at, request_id) from stdin with (format binary)";
const INTO_EVENTS: &str = "copy events (received_at, batch, id, environment_id, experiment_id, user_key, \
     event_name, value, is_verified, is_clamped, source, properties, occurred_at, request_id) \
     from stdin with (format binary)";

/// What the rows of one transaction have in common.
#[derive(Clone, Copy)]
pub(super) struct Common {
    pub(super) batch: i64,
    pub(super) received_at: DateTime<Utc>,
}

/// Copies exposures in. A connection on which this failed, or was given up, must not be used again.
pub(super) async fn copy_exposures(
    connection: &mut PgConnection,
    common: Common,
    exposures: &[&NewExposure],
) -> StoreResult<()> {
    let mut rows = Rows::new(200 * exposures.len());
    for it in exposures {
        rows.begin(20);
        rows.time(common.received_at);
        rows.int8(common.batch);
        rows.uuid(it.id);
        rows.uuid(it.environment_id);
        rows.uuid(it.experiment_id);
        rows.uuid(it.variant_id);
        rows.bytes(it.user_key.as_bytes());
        rows.bytes(it.reason.name().as_bytes());
        rows.bool(it.counts());
        rows.bool(it.is_override);
        rows.bool(it.source.is_verified());
        rows.bool(it.occurred.is_clamped);
        rows.bytes(&it.source.code().to_be_bytes());
        rows.optional(it.config_version.map(i64::to_be_bytes).as_ref().map(<[u8; 8]>::as_slice));
        rows.optional(it.snapshot_sha256.as_ref().map(<[u8; 32]>::as_slice));
        rows.optional(it.context.as_deref().map(str::as_bytes));
        rows.optional(it.sticky.as_deref().map(str::as_bytes));
        rows.optional(it.properties.as_deref().map(str::as_bytes));
        rows.time(it.occurred.at.unwrap_or(common.received_at));
        rows.optional(it.request_id.as_deref().map(str::as_bytes));
    }
    rows.send(connection, INTO_EXPOSURES, exposures.len()).await
}

/// Copies events in. A connection on which this failed, or was given up, must not be used again.
pub(super) async fn copy_events(
    connection: &mut PgConnection,
    common: Common,
    events: &[&NewEvent],
) -> StoreResult<()> {
    let mut rows = Rows::new(200 * events.len());
    for it in events {
        rows.begin(14);
        rows.time(common.received_at);
        rows.int8(common.batch);
        rows.uuid(it.id);
        rows.uuid(it.environment_id);
        rows.optional(it.experiment_id.as_ref().map(|id| id.as_bytes().as_slice()));
        rows.bytes(it.user_key.as_bytes());
        rows.bytes(it.event_name.as_bytes());
        rows.optional(it.value.map(f64::to_be_bytes).as_ref().map(<[u8; 8]>::as_slice));
        rows.bool(it.source.is_verified());
        rows.bool(it.occurred.is_clamped);
        rows.bytes(&it.source.code().to_be_bytes());
        rows.optional(it.properties.as_deref().map(str::as_bytes));
        rows.time(it.occurred.at.unwrap_or(common.received_at));
        rows.optional(it.request_id.as_deref().map(str::as_bytes));
    }
    rows.send(connection, INTO_EVENTS, events.len()).await
}

/// The bytes of a COPY.
struct Rows(Vec<u8>);

impl Rows {
    fn new(bytes: usize) -> Self {
        let mut buffer = Vec::with_capacity(bytes);
        buffer.extend_from_slice(HEADER);
        Self(buffer)
    }

    fn begin(&mut self, columns: i16) {
        self.0.extend_from_slice(&columns.to_be_bytes());
    }

    fn bytes(&mut self, value: &[u8]) {
        // An event has less than 100,000 bytes.
        let length = i32::try_from(value.len()).unwrap_or(i32::MAX);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(value);
    }

    fn optional(&mut self, value: Option<&[u8]>) {
        match value {
            Some(value) => self.bytes(value),
            None => self.0.extend_from_slice(&(-1_i32).to_be_bytes()),
        }
    }

    fn int8(&mut self, value: i64) {
        self.bytes(&value.to_be_bytes());
    }

    fn uuid(&mut self, value: Uuid) {
        self.bytes(value.as_bytes());
    }

    fn bool(&mut self, value: bool) {
        self.bytes(&[u8::from(value)]);
    }

    fn time(&mut self, value: DateTime<Utc>) {
        self.int8(value.timestamp_micros() - EPOCH_SECONDS * 1_000_000);
    }

    async fn send(mut self, connection: &mut PgConnection, statement: &str, rows: usize) -> StoreResult<()> {
        self.0.extend_from_slice(&TRAILER.to_be_bytes());
        let mut copy = connection.copy_in_raw(statement).await?;
        for chunk in self.0.chunks(CHUNK_BYTES) {
            copy.send(chunk).await?;
        }
        let copied = copy.finish().await?;
        if copied == rows as u64 {
            return Ok(());
        }
        Err(StoreError::Internal(format!("{copied} of {rows} rows were copied")))
    }
}
