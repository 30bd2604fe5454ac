//! What Prometheus is told about exposures and events: counts that only ever grow.

use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::reading::{Subject, push_counted_exposures, push_events};
use crate::store::{Store, StoreResult};

/// A count of exposures, or of events of one name, of one variant.
#[derive(Clone, Debug, FromRow)]
pub struct Count {
    /// The experiment.
    pub experiment_id: Uuid,
    /// The variant's key.
    pub variant: String,
    /// The event's name; empty: exposures.
    pub event_name: String,
    /// How many.
    pub count: i64,
}

/// How many experiments are in a status.
#[derive(Clone, Debug, FromRow)]
pub struct StatusCount {
    /// The status.
    pub status: String,
    /// How many experiments.
    pub count: i64,
}

/// How many comparisons of an experiment turned out significant.
#[derive(Clone, Debug, FromRow)]
pub struct SignificantCount {
    /// The experiment.
    pub experiment_id: Uuid,
    /// How many of its comparisons.
    pub significant: i32,
}

/// More series than this are not told.
const MAX_SERIES: i64 = 10_000;

/// Adds the exposures of the batches after `after` and up to `to`.
pub(super) async fn add_exposures(
    connection: &mut PgConnection,
    subject: &Subject,
    after: i64,
    to: i64,
) -> StoreResult<()> {
    if after >= to {
        return Ok(());
    }
    let mut query = QueryBuilder::new("");
    push_insert(&mut query, subject);
    query.push("select x.variant_id, '' as event_name from exposures as x where ");
    push_counted_exposures(&mut query, subject);
    query.push(" and x.batch > ").push_bind(after).push(" and x.batch <= ").push_bind(to);
    push_end(&mut query);
    query.build().execute(connection).await?;
    Ok(())
}

/// Adds the events of the batches after `after` and up to `to`, when every user is in `analysis_changed`, whose
/// size the planner knows.
pub(super) async fn add_events(
    connection: &mut PgConnection,
    subject: &Subject,
    after: i64,
    to: i64,
) -> StoreResult<()> {
    if after >= to {
        return Ok(());
    }
    let mut query = QueryBuilder::new("");
    push_insert(&mut query, subject);
    query.push(
        "select u.variant_id, e.event_name from events as e join analysis_changed as u \
         on u.user_key = e.user_key where not u.is_multiple and e.occurred_at >= u.first_at and ",
    );
    push_events(&mut query, subject);
    query.push(" and e.batch > ").push_bind(after).push(" and e.batch <= ").push_bind(to);
    push_end(&mut query);
    query.build().execute(connection).await?;
    Ok(())
}

/// Pushes the statement that adds rows of variant and event name to the counts, up to these rows.
pub(super) fn push_insert(query: &mut QueryBuilder<Postgres>, subject: &Subject) {
    query.push("insert into analysis_counts as c (experiment_id, variant_id, event_name, count) select ");
    query.push_bind(subject.experiment_id).push(", variant_id, event_name, count(*) from (");
}

/// Pushes what comes after the rows.
pub(super) fn push_end(query: &mut QueryBuilder<Postgres>) {
    query.push(
        ") as seen group by variant_id, event_name \
         on conflict on constraint analysis_counts_pkey do update set count = c.count + excluded.count",
    );
}

impl Store {
    /// Experiments by status.
    pub async fn status_counts(&self) -> StoreResult<Vec<StatusCount>> {
        let sql = "select status, count(*) as count from experiments group by status";
        Ok(sqlx::query_as(sql).fetch_all(&self.pool).await?)
    }

    /// Exposures and events of experiments that are not archived, of the most recent ones first.
    pub async fn event_counts(&self) -> StoreResult<Vec<Count>> {
        let sql = "select c.experiment_id, variants.key as variant, c.event_name, c.count \
                   from analysis_counts as c join variants on variants.id = c.variant_id \
                   join experiments on experiments.id = c.experiment_id \
                   where experiments.status <> 'ARCHIVED' \
                   order by c.experiment_id desc, c.variant_id, c.event_name limit $1";
        Ok(sqlx::query_as(sql).bind(MAX_SERIES).fetch_all(&self.pool).await?)
    }

    /// The comparisons that turned out significant so far, of experiments that were looked at.
    pub async fn significant_counts(&self) -> StoreResult<Vec<SignificantCount>> {
        let sql = "select distinct on (experiment_id) experiment_id, significant from analysis_looks \
                   join experiments on experiments.id = experiment_id where status <> 'ARCHIVED' \
                   order by experiment_id desc, at desc limit $1";
        Ok(sqlx::query_as(sql).bind(MAX_SERIES).fetch_all(&self.pool).await?)
    }
}
