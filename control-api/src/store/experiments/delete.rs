//! Deleting experiments.

use sqlx::PgConnection;

use super::edit::hold;
use super::surroundings::Mentions;
use crate::domain::actor::Actor;
use crate::domain::experiment::{Experiment, ExperimentRef};
use crate::store::audit::{Entry, record};
use crate::store::{Store, StoreResult, groups};

impl Store {
    /// Deletes an experiment that nobody needs any more, with all that belongs to it.
    pub async fn delete_experiment(
        &self,
        actor: &Actor,
        which: &ExperimentRef,
        expected: Option<i64>,
    ) -> StoreResult<()> {
        let mut transaction = self.pool.begin().await?;
        let experiment = hold(&mut transaction, which, expected, &Mentions::default()).await?;
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
    let groups: Vec<_> = experiment.group.iter().map(|group| group.group_id).collect();
    groups::touch(connection, &groups).await?;
    record(connection, actor, Entry::of_experiment(experiment, action).before(experiment)?).await
}
