//! Plans as they were: what the results of an experiment depended on besides its events, since when.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use crate::domain::experiment::Experiment;
use crate::domain::plan::Plan;
use crate::store::{Store, StoreError, StoreResult, metrics, now, references};

#[derive(FromRow)]
struct Row {
    since: DateTime<Utc>,
    plan: String,
}

/// Notes that the plan of an experiment is another one now, in the transaction that changes it or one of its
/// metrics. The caller holds the environment's references.
pub(in crate::store) async fn note_plan(
    connection: &mut PgConnection,
    experiment: &Experiment,
) -> StoreResult<()> {
    let plan = present(connection, experiment).await?;
    let plan = serde_json::to_string(&plan).map_err(|error| StoreError::Internal(error.to_string()))?;
    let last = last(connection, experiment.id).await?;
    if last.as_ref().is_some_and(|last| last.plan == plan) {
        return Ok(());
    }
    // In the order of the commits, whatever the clocks of several machines say.
    let earliest = last.map(|last| last.since + TimeDelta::microseconds(1));
    let since = earliest.into_iter().fold(now(), Ord::max);
    let sql = "insert into analysis_plans (experiment_id, since, plan) values ($1, $2, $3::text::json)";
    sqlx::query(sql).bind(experiment.id).bind(since).bind(plan).execute(connection).await?;
    Ok(())
}

async fn last(connection: &mut PgConnection, experiment: Uuid) -> StoreResult<Option<Row>> {
    let sql = "select since, plan::text from analysis_plans where experiment_id = $1 \
               order by since desc limit 1";
    Ok(sqlx::query_as(sql).bind(experiment).fetch_optional(connection).await?)
}

async fn present(connection: &mut PgConnection, experiment: &Experiment) -> StoreResult<Plan> {
    let metrics = metrics::by_key(connection, experiment.environment_id, &experiment.metrics).await?;
    Ok(Plan::of(experiment, metrics))
}

/// The plan that held then; of a time before the first one, the first one.
async fn kept(
    connection: &mut PgConnection,
    experiment: Uuid,
    at: DateTime<Utc>,
) -> StoreResult<Option<Plan>> {
    let sql = "select plan::text from analysis_plans where experiment_id = $1 and since <= greatest($2, \
               (select min(since) from analysis_plans where experiment_id = $1)) \
               order by since desc limit 1";
    let text: Option<String> =
        sqlx::query_scalar(sql).bind(experiment).bind(at).fetch_optional(connection).await?;
    let unreadable = |_| StoreError::Internal("a stored plan cannot be read by this program".to_owned());
    text.map(|text| serde_json::from_str(&text)).transpose().map_err(unreadable)
}

impl Store {
    /// The plan of an experiment; with a time, the one that held then.
    pub async fn plan(&self, experiment: &Experiment, at: Option<DateTime<Utc>>) -> StoreResult<Plan> {
        let mut transaction = self.pool.begin().await?;
        let kept = match at {
            None => None,
            Some(at) => {
                // Who has stamped a plan up to now has committed it then.
                references::lock_shared(&mut transaction, experiment.environment_id).await?;
                kept(&mut transaction, experiment.id, at).await?
            }
        };
        let plan = match kept {
            Some(plan) => plan,
            None => present(&mut transaction, experiment).await?,
        };
        transaction.commit().await?;
        Ok(plan)
    }
}
