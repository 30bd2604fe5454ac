//! Phases: spans of time in which the variants' shares were the same. A sample ratio is tested phase
//! by phase.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, QueryBuilder};
use uuid::Uuid;

use super::analysis_transaction;
use super::reading::{Reading, Subject, push_counted_exposures, push_variants};
use crate::domain::experiment::Experiment;
use crate::store::{Store, StoreResult, now};

/// A span of time with the same shares, up to the next one.
#[derive(Clone, Debug)]
pub struct Phase {
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// Buckets per variant.
    pub weights: BTreeMap<Uuid, u32>,
}

#[derive(FromRow)]
struct Row {
    started_at: DateTime<Utc>,
    weights: Json<BTreeMap<Uuid, u32>>,
}

#[derive(FromRow)]
struct CountRow {
    phase: i64,
    arm: i64,
    exposed: i64,
}

/// Notes that the shares of an experiment are others now, in the transaction that changes them.
pub(in crate::store) async fn note_phase(
    connection: &mut PgConnection,
    experiment: &Experiment,
) -> StoreResult<()> {
    let mut weights: BTreeMap<Uuid, u32> = BTreeMap::new();
    for range in &experiment.allocations {
        let buckets = u32::from(range.range_end.saturating_sub(range.range_start)) + 1;
        *weights.entry(range.variant_id).or_default() += buckets;
    }
    // Shares that nobody could have met are written over; the same again is no new phase.
    let last = last_phase(connection, experiment.id).await?;
    if last.is_some_and(|last| last.weights.0 == weights) {
        return Ok(());
    }
    let sql = "insert into analysis_phases (experiment_id, started_at, weights) values ($1, $2, $3) \
               on conflict on constraint analysis_phases_pkey do update set weights = excluded.weights";
    sqlx::query(sql).bind(experiment.id).bind(now()).bind(Json(&weights)).execute(connection).await?;
    Ok(())
}

async fn last_phase(connection: &mut PgConnection, experiment: Uuid) -> StoreResult<Option<Row>> {
    let sql = "select started_at, weights from analysis_phases where experiment_id = $1 \
               order by started_at desc limit 1";
    Ok(sqlx::query_as(sql).bind(experiment).fetch_optional(connection).await?)
}

impl Store {
    /// The phases of an experiment, the first one first.
    pub async fn phases(&self, experiment: Uuid) -> StoreResult<Vec<Phase>> {
        let sql = "select started_at, weights from analysis_phases where experiment_id = $1 \
                   order by started_at";
        let rows: Vec<Row> = sqlx::query_as(sql).bind(experiment).fetch_all(&self.pool).await?;
        let phase = |row: Row| Phase { started_at: row.started_at, weights: row.weights.0 };
        Ok(rows.into_iter().map(phase).collect())
    }

    /// When the version was compiled that was an environment's newest then; none: it had none.
    pub async fn compiled_before(
        &self,
        environment: Uuid,
        at: DateTime<Utc>,
    ) -> StoreResult<Option<DateTime<Utc>>> {
        let sql = "select max(created_at) from versions where environment_id = $1 and created_at <= $2";
        Ok(sqlx::query_scalar(sql).bind(environment).bind(at).fetch_one(&self.pool).await?)
    }

    /// Users per phase and variant, in the order of both, by their first exposure. An exposure belongs to
    /// the phase in which the snapshot that it was decided on was compiled; without a snapshot, to the
    /// one in which it happened.
    pub async fn exposed_by_phase(
        &self,
        subject: &Subject,
        reading: &Reading,
        phases: &[Phase],
    ) -> StoreResult<Vec<Vec<u64>>> {
        let mut query = QueryBuilder::new(
            "with seen as (select x.user_key, v.arm, \
             coalesce(versions.created_at, x.occurred_at) as decided_at, x.occurred_at, x.id \
             from exposures as x join ",
        );
        push_variants(&mut query, subject);
        query.push(
            " on v.id = x.variant_id left join versions on versions.environment_id = x.environment_id \
             and versions.version = x.config_version where ",
        );
        push_counted_exposures(&mut query, subject);
        query.push(" and x.batch <= ").push_bind(reading.batch);
        if reading.is_verified_only {
            query.push(" and x.is_verified");
        }
        query.push(
            "), first as (select min(arm) as arm, \
             (array_agg(decided_at order by occurred_at, id))[1] as decided_at from seen \
             group by user_key having min(arm) = max(arm)) \
             select greatest(width_bucket(decided_at, ",
        );
        let starts: Vec<DateTime<Utc>> = phases.iter().map(|phase| phase.started_at).collect();
        query.push_bind(starts);
        query.push("), 1)::bigint as phase, arm, count(*) as exposed from first group by 1, 2");
        let (_place, mut transaction) = analysis_transaction(&self.pool).await?;
        let rows: Vec<CountRow> = query.build_query_as().fetch_all(&mut *transaction).await?;
        transaction.commit().await?;
        let mut exposed = vec![vec![0; subject.variants.len()]; phases.len()];
        for row in rows {
            let index = |number: i64| usize::try_from(number - 1).unwrap_or(usize::MAX);
            let place = exposed.get_mut(index(row.phase)).and_then(|arms| arms.get_mut(index(row.arm)));
            if let Some(place) = place {
                *place = u64::try_from(row.exposed).unwrap_or_default();
            }
        }
        Ok(exposed)
    }
}
