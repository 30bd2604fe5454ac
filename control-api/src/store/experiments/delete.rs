//! Deleting experiments.

use super::edit::hold;
use super::surroundings::Mentions;
use crate::domain::actor::Actor;
use crate::domain::experiment::ExperimentRef;
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
        sqlx::query("delete from experiments where id = $1")
            .bind(experiment.id)
            .execute(&mut *transaction)
            .await?;
        let groups: Vec<_> = experiment.group.iter().map(|group| group.group_id).collect();
        groups::touch(&mut transaction, &groups).await?;
        let entry = Entry::of_experiment(&experiment, "delete").before(&experiment)?;
        record(&mut transaction, actor, entry).await?;
        transaction.commit().await?;
        Ok(())
    }
}
