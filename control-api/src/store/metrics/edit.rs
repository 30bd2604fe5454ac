//! Making, changing and deleting metrics.

use sqlx::PgConnection;

use super::load::{find, users};
use super::row::save;
use crate::domain::actor::Actor;
use crate::domain::environment::Environment;
use crate::domain::experiment::require_version;
use crate::domain::metric::{Metric, MetricRef};
use crate::domain::refusal::Refusal;
use crate::store::analysis::note_plan;
use crate::store::audit::{Entry, record};
use crate::store::environments::choose;
use crate::store::experiments::EnvironmentChoice;
use crate::store::experiments::load::naming;
use crate::store::{Store, StoreError, StoreResult, now, references};

const FOR_UPDATE: &str = " for update of metrics";

impl Store {
    /// Makes a metric in the chosen environment.
    pub async fn create_metric(
        &self,
        actor: &Actor,
        choice: &EnvironmentChoice,
        build: impl FnOnce(&Environment) -> Result<Metric, Refusal> + Send,
    ) -> StoreResult<Metric> {
        let mut transaction = self.pool.begin().await?;
        let environment = choose(&mut transaction, actor, choice).await?;
        let metric = build(&environment)?;
        save(&mut transaction, &metric).await?;
        tell(&mut transaction, actor, "create", &metric, None, Some(json(&metric)?)).await?;
        transaction.commit().await?;
        Ok(metric)
    }

    /// Changes a metric: holds its row, lets `change` work on it, and saves it under the next version; or
    /// refuses, and then nothing has changed.
    pub async fn edit_metric(
        &self,
        actor: &Actor,
        which: &MetricRef,
        expected: Option<i64>,
        change: impl FnOnce(&mut Metric) -> Result<(), Refusal> + Send,
    ) -> StoreResult<Metric> {
        let mut transaction = self.pool.begin().await?;
        // The references first, as edits of experiments do, which read the metrics for their plans.
        let seen = find(&mut transaction, which, "").await?;
        references::lock(&mut transaction, seen.environment_id).await?;
        let mut metric = find(&mut transaction, which, FOR_UPDATE).await?;
        require_version(metric.version, expected)?;
        let before = json(&metric)?;
        change(&mut metric)?;
        metric.version += 1;
        metric.updated_at = now();
        save(&mut transaction, &metric).await?;
        for experiment in naming(&mut transaction, metric.environment_id, &metric.key).await? {
            note_plan(&mut transaction, &experiment).await?;
        }
        let after = json(&metric)?;
        tell(&mut transaction, actor, "update", &metric, Some(before), Some(after)).await?;
        transaction.commit().await?;
        Ok(metric)
    }

    /// Deletes a metric that no experiment names.
    pub async fn delete_metric(
        &self,
        actor: &Actor,
        which: &MetricRef,
        expected: Option<i64>,
    ) -> StoreResult<()> {
        let mut transaction = self.pool.begin().await?;
        // Who names it next has to wait, and then finds it gone: see `ensure`.
        let metric = find(&mut transaction, which, FOR_UPDATE).await?;
        require_version(metric.version, expected)?;
        let users = users(&mut transaction, &metric).await?;
        if !users.is_empty() {
            let detail = format!("The metric is used by {}.", shown(&users));
            return Err(Refusal::conflict("metric_in_use", detail).into());
        }
        sqlx::query("delete from metrics where id = $1").bind(metric.id).execute(&mut *transaction).await?;
        tell(&mut transaction, actor, "delete", &metric, Some(json(&metric)?), None).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// The first of many keys.
fn shown(keys: &[String]) -> String {
    const MANY: usize = 10;
    let first: Vec<&str> = keys.iter().take(MANY).map(String::as_str).collect();
    match keys.len().checked_sub(MANY) {
        None | Some(0) => first.join(", "),
        Some(more) => format!("{} and {more} more", first.join(", ")),
    }
}

/// Tells the history.
pub(super) async fn tell(
    connection: &mut PgConnection,
    actor: &Actor,
    action: &'static str,
    metric: &Metric,
    before: Option<String>,
    after: Option<String>,
) -> StoreResult<()> {
    let entry = Entry {
        environment_id: Some(metric.environment_id),
        experiment_id: None,
        resource: "metric",
        resource_id: Some(metric.id),
        resource_key: metric.key.clone(),
        action,
        before,
        after,
    };
    record(connection, actor, entry).await
}

pub(super) fn json(metric: &Metric) -> StoreResult<String> {
    serde_json::to_string(metric).map_err(|error| StoreError::Internal(error.to_string()))
}
