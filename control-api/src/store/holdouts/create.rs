//! Making holdouts.

use sqlx::PgConnection;

use crate::domain::actor::Actor;
use crate::domain::environment::Environment;
use crate::domain::holdout::{Covered, Holdout};
use crate::domain::refusal::Refusal;
use crate::store::audit::{Entry, record};
use crate::store::experiments::EnvironmentChoice;
use crate::store::{Store, StoreError, StoreResult, environments, references};

impl Store {
    /// Makes a holdout in the chosen environment. `judge` adds what was wrong with it before it got
    /// here.
    pub async fn create_holdout(
        &self,
        actor: &Actor,
        choice: &EnvironmentChoice,
        build: impl FnOnce(&Environment) -> Holdout + Send,
        judge: impl FnOnce(Result<(), Refusal>) -> Result<(), Refusal> + Send,
    ) -> StoreResult<Holdout> {
        let mut transaction = self.pool.begin().await?;
        let environment = environments::choose(&mut transaction, actor, choice).await?;
        references::lock(&mut transaction, environment.id).await?;
        let mut holdout = build(&environment);
        judge(require_known(&mut transaction, &holdout).await?)?;
        holdout.experiments = holdout.experiments.sorted();
        references::require_new_salt(&mut transaction, environment.id, &holdout.salt, holdout.id).await?;
        let sql = "insert into holdouts (id, environment_id, key, name, description, salt, bucket_by, ranges, \
                   covers_all, version, created_at, updated_at) \
                   values ($1, $2, $3, $4, $5, $6, $7, $8::text::json, $9, $10, $11, $12)";
        sqlx::query(sql)
            .bind(holdout.id)
            .bind(holdout.environment_id)
            .bind(&holdout.key)
            .bind(&holdout.name)
            .bind(&holdout.description)
            .bind(&holdout.salt)
            .bind(&holdout.bucket_by)
            .bind(ranges_json(&holdout)?)
            .bind(holdout.experiments == Covered::All)
            .bind(holdout.version)
            .bind(holdout.created_at)
            .bind(holdout.updated_at)
            .execute(&mut *transaction)
            .await?;
        save_covered(&mut transaction, &holdout).await?;
        record(&mut transaction, actor, entry(&holdout, "create").after(&holdout)?).await?;
        transaction.commit().await?;
        Ok(holdout)
    }
}

/// Whether every listed experiment exists and may be covered.
pub(super) async fn require_known(
    connection: &mut PgConnection,
    holdout: &Holdout,
) -> StoreResult<Result<(), Refusal>> {
    let Covered::Listed(keys) = &holdout.experiments else { return Ok(Ok(())) };
    let sql = "select key from experiments where environment_id = $1 and key = any($2)";
    let known: Vec<String> =
        sqlx::query_scalar(sql).bind(holdout.environment_id).bind(keys).fetch_all(connection).await?;
    let unknown = keys.iter().enumerate().filter(|(_, key)| !known.contains(key));
    let faults: Vec<_> = unknown
        .map(|(index, _)| lotwise_core::Fault {
            pointer: format!("/experiments/{index}"),
            code: "unknown_experiment",
            detail: "The environment has no experiment of this key.".to_owned(),
        })
        .collect();
    Ok(if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(faults)) })
}

/// Writes which experiments are covered.
pub(super) async fn save_covered(connection: &mut PgConnection, holdout: &Holdout) -> StoreResult<()> {
    sqlx::query("delete from holdout_experiments where holdout_id = $1")
        .bind(holdout.id)
        .execute(&mut *connection)
        .await?;
    let Covered::Listed(keys) = &holdout.experiments else { return Ok(()) };
    let sql = "insert into holdout_experiments (holdout_id, experiment_id) \
               select $1, id from experiments where environment_id = $2 and key = any($3)";
    sqlx::query(sql).bind(holdout.id).bind(holdout.environment_id).bind(keys).execute(connection).await?;
    Ok(())
}

/// The ranges as they are stored.
pub(super) fn ranges_json(holdout: &Holdout) -> StoreResult<String> {
    serde_json::to_string(&holdout.ranges).map_err(|error| StoreError::Internal(error.to_string()))
}

/// A change of a holdout, for the history.
pub(super) fn entry(holdout: &Holdout, action: &'static str) -> Entry {
    Entry {
        environment_id: Some(holdout.environment_id),
        resource: "holdout",
        resource_id: Some(holdout.id),
        resource_key: holdout.key.clone(),
        action,
        ..Entry::default()
    }
}
