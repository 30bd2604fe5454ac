//! Deleting experiments.

use sqlx::PgConnection;

use super::load::{Lock, find};
use crate::domain::actor::Actor;
use crate::domain::experiment::{Experiment, ExperimentRef, require_version};
use crate::store::audit::{Entry, record};
use crate::store::{Store, StoreResult};

impl Store {
    /// Deletes an experiment that nobody needs any more, with all that belongs to it.
    pub async fn delete_experiment(
        &self,
        actor: &Actor,
        which: &ExperimentRef,
        expected: Option<i64>,
    ) -> StoreResult<()> {
        let mut transaction = self.pool.begin().await?;
        let experiment = find(&mut transaction, which, Lock::Update).await?;
        require_version(experiment.version, expected)?;
        experiment.require_deletable()?;
        remove(&mut transaction, actor, &experiment, "delete").await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Deletes an experiment whose row is held, and what goes with it, and says so in the history.
pub(super) async fn remove(
    connection: &mut PgConnection,
    actor: &Actor,
    experiment: &Experiment,
    action: &'static str,
) -> StoreResult<()> {
    sqlx::query("delete from experiments where id = $1")
        .bind(experiment.id)
        .execute(&mut *connection)
        .await?;
    record(connection, actor, Entry::of_experiment(experiment, action).before(experiment)?).await
}
