//! Deleting experiments.

use super::load::{Lock, find};
use crate::domain::actor::Actor;
use crate::domain::experiment::{ExperimentRef, require_version};
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
        sqlx::query("delete from experiments where id = $1")
            .bind(experiment.id)
            .execute(&mut *transaction)
            .await?;
        let entry = Entry::of_experiment(&experiment, "delete").before(&experiment)?;
        record(&mut transaction, actor, entry).await?;
        transaction.commit().await?;
        Ok(())
    }
}
