//! Changing experiments.

use super::load::{Lock, find};
use super::save::save;
use crate::domain::actor::Actor;
use crate::domain::experiment::{Experiment, ExperimentRef, require_version};
use crate::domain::refusal::Refusal;
use crate::store::audit::{Entry, record};
use crate::store::{Store, StoreResult, metrics, now};

/// The kinds of change, as a history names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Fields of the experiment.
    Update,
    /// Its status.
    Transition,
    /// A new variant.
    AddVariant,
    /// Fields of a variant.
    UpdateVariant,
    /// One variant less.
    RemoveVariant,
    /// Other allocations.
    ReplaceAllocations,
}

impl Edit {
    /// The name in the history.
    fn action(self) -> &'static str {
        match self {
            Self::Update => "update",
            Self::Transition => "transition",
            Self::AddVariant => "add_variant",
            Self::UpdateVariant => "update_variant",
            Self::RemoveVariant => "remove_variant",
            Self::ReplaceAllocations => "replace_allocations",
        }
    }
}

impl Store {
    /// Changes an experiment: holds its row, lets `change` work on it, and saves it under the next
    /// version; or refuses, and then nothing has changed.
    pub async fn edit_experiment<T: Send>(
        &self,
        actor: &Actor,
        edit: Edit,
        which: &ExperimentRef,
        expected: Option<i64>,
        change: impl FnOnce(&mut Experiment) -> Result<T, Refusal> + Send,
    ) -> StoreResult<(Experiment, T)> {
        let mut transaction = self.pool.begin().await?;
        let mut experiment = find(&mut transaction, which, Lock::Update).await?;
        require_version(experiment.version, expected)?;
        let entry = Entry::of_experiment(&experiment, edit.action()).before(&experiment)?;
        let outcome = change(&mut experiment)?;
        if edit == Edit::Update {
            metrics::ensure(&mut transaction, actor, &experiment).await?;
        }
        experiment.version += 1;
        experiment.updated_at = now();
        save(&mut transaction, &experiment).await?;
        record(&mut transaction, actor, entry.after(&experiment)?).await?;
        transaction.commit().await?;
        Ok((experiment, outcome))
    }
}
