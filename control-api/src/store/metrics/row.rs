//! Rows of metrics, and writing them.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, FromRow, PgConnection};
use uuid::Uuid;

use crate::domain::metric::{Definition, Direction, Metric, MetricKind};
use crate::store::{StoreError, StoreResult};

/// The columns of [`MetricRow`].
pub(super) const COLUMNS: &str = "metrics.id, environment_id, environments.name as environment, key, \
     metrics.name, description, kind, event_name, value_property, denominator_event, \
     denominator_property, quantile, filters::text, window_start_seconds, window_end_seconds, \
     winsor_lower, winsor_upper, direction, minimum_effect, guardrail_margin, pre_period_seconds, \
     metrics.version, metrics.created_at, metrics.updated_at \
     from metrics join environments on environments.id = environment_id";

#[derive(FromRow)]
pub(super) struct MetricRow {
    id: Uuid,
    environment_id: Uuid,
    environment: String,
    key: String,
    name: String,
    description: Option<String>,
    kind: String,
    event_name: String,
    value_property: Option<String>,
    denominator_event: Option<String>,
    denominator_property: Option<String>,
    quantile: Option<f64>,
    filters: String,
    window_start_seconds: i64,
    window_end_seconds: Option<i64>,
    winsor_lower: Option<f64>,
    winsor_upper: Option<f64>,
    direction: String,
    minimum_effect: Option<f64>,
    guardrail_margin: Option<f64>,
    pre_period_seconds: Option<i64>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<MetricRow> for Metric {
    type Error = StoreError;

    fn try_from(row: MetricRow) -> StoreResult<Self> {
        Ok(Self {
            id: row.id,
            environment_id: row.environment_id,
            environment: row.environment,
            key: row.key,
            name: row.name,
            description: row.description,
            definition: Definition {
                kind: MetricKind::parse(&row.kind).ok_or_else(|| unreadable("kind"))?,
                event_name: row.event_name,
                value_property: row.value_property,
                denominator_event: row.denominator_event,
                denominator_property: row.denominator_property,
                quantile: row.quantile,
                filters: serde_json::from_str(&row.filters).map_err(|_| unreadable("filters"))?,
                window_start_seconds: row.window_start_seconds,
                window_end_seconds: row.window_end_seconds,
                winsor_lower: row.winsor_lower,
                winsor_upper: row.winsor_upper,
                pre_period_seconds: row.pre_period_seconds,
            },
            direction: Direction::parse(&row.direction).ok_or_else(|| unreadable("direction"))?,
            minimum_effect: row.minimum_effect,
            guardrail_margin: row.guardrail_margin,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

fn unreadable(what: &str) -> StoreError {
    StoreError::Internal(format!("a metric's stored {what} cannot be read by this program"))
}

const INSERT: &str = "insert into metrics (id, environment_id, key, name, description, kind, event_name, \
     value_property, denominator_event, denominator_property, quantile, filters, \
     window_start_seconds, window_end_seconds, winsor_lower, winsor_upper, direction, minimum_effect, \
     guardrail_margin, pre_period_seconds, version, created_at, updated_at) \
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::text::json, $13, $14, $15, $16, $17, \
     $18, $19, $20, $21, $22, $23)";

/// Environment, key, kind and time of creation never change.
const UPDATE: &str = "on conflict on constraint metrics_pkey do update set name = excluded.name, \
     description = excluded.description, event_name = excluded.event_name, \
     value_property = excluded.value_property, denominator_event = excluded.denominator_event, \
     denominator_property = excluded.denominator_property, quantile = excluded.quantile, \
     filters = excluded.filters, window_start_seconds = excluded.window_start_seconds, \
     window_end_seconds = excluded.window_end_seconds, winsor_lower = excluded.winsor_lower, \
     winsor_upper = excluded.winsor_upper, direction = excluded.direction, \
     minimum_effect = excluded.minimum_effect, guardrail_margin = excluded.guardrail_margin, \
     pre_period_seconds = excluded.pre_period_seconds, version = excluded.version, \
     updated_at = excluded.updated_at";

const NEW: &str = "on conflict on constraint metrics_environment_key_unique do nothing";

/// Writes all of a metric.
pub(super) async fn save(connection: &mut PgConnection, it: &Metric) -> StoreResult<()> {
    write(connection, it, UPDATE).await.map(drop)
}

/// Writes a metric unless its key is taken; whether it did.
pub(super) async fn save_new(connection: &mut PgConnection, it: &Metric) -> StoreResult<bool> {
    write(connection, it, NEW).await
}

async fn write(connection: &mut PgConnection, it: &Metric, conflict: &str) -> StoreResult<bool> {
    let of = &it.definition;
    let filters =
        serde_json::to_string(&of.filters).map_err(|error| StoreError::Internal(error.to_string()))?;
    // Safe: constants only.
    let done = sqlx::query(AssertSqlSafe(format!("{INSERT} {conflict}")))
        .bind(it.id)
        .bind(it.environment_id)
        .bind(&it.key)
        .bind(&it.name)
        .bind(&it.description)
        .bind(of.kind.as_str())
        .bind(&of.event_name)
        .bind(&of.value_property)
        .bind(&of.denominator_event)
        .bind(&of.denominator_property)
        .bind(of.quantile)
        .bind(filters)
        .bind(of.window_start_seconds)
        .bind(of.window_end_seconds)
        .bind(of.winsor_lower)
        .bind(of.winsor_upper)
        .bind(it.direction.as_str())
        .bind(it.minimum_effect)
        .bind(it.guardrail_margin)
        .bind(of.pre_period_seconds)
        .bind(it.version)
        .bind(it.created_at)
        .bind(it.updated_at)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}
