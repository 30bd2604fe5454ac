//! How many users come, for plans.

use sqlx::FromRow;

use crate::domain::environment::EnvironmentRef;
use crate::domain::experiment::ExperimentRef;
use crate::store::{Store, StoreResult};

#[derive(FromRow)]
struct Seen {
    users: i64,
    days: f64,
}

impl Store {
    /// Users per day that an experiment met for the first time, of the last 14 days; 0: none.
    pub async fn experiment_traffic(&self, which: &ExperimentRef) -> StoreResult<f64> {
        let experiment = self.experiment(which).await?;
        let sql = "select count(*) as users, coalesce(extract(epoch from now() - min(first_at)), 0)::float8 \
                   / 86400 as days from (select min(occurred_at) as first_at from exposures \
                   where experiment_id = $1 and counts group by user_key) as users \
                   where first_at > now() - interval '14 days'";
        Ok(per_day(&sqlx::query_as(sql).bind(experiment.id).fetch_one(&self.pool).await?))
    }

    /// Distinct users per day that any experiment of an environment met, of the last 14 days; 0: none.
    pub async fn environment_traffic(&self, which: &EnvironmentRef) -> StoreResult<f64> {
        let environment = self.environment(which).await?;
        let sql = "select count(distinct user_key) as users, \
                   coalesce(extract(epoch from now() - min(occurred_at)), 0)::float8 / 86400 as days \
                   from exposures where environment_id = $1 and received_at > now() - interval '14 days' \
                   and occurred_at > now() - interval '14 days'";
        Ok(per_day(&sqlx::query_as(sql).bind(environment.id).fetch_one(&self.pool).await?))
    }
}

/// Less than a day counts as one.
#[expect(clippy::cast_precision_loss, reason = "users of two weeks fit")]
fn per_day(seen: &Seen) -> f64 {
    seen.users as f64 / seen.days.max(1.0)
}
