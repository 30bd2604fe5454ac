//! Changing experiments.

use std::sync::Arc;

use sqlx::PgConnection;
use uuid::Uuid;

use super::load::{Lock, find};
use super::save::save;
use super::surroundings::{Mentions, others};
use crate::domain::actor::Actor;
use crate::domain::experiment::{Experiment, ExperimentRef, require_version};
use crate::domain::refusal::Refusal;
use crate::store::audit::{Entry, record};
use crate::store::{Store, StoreResult, metrics, now, references};

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
    /// Other weights, and with them other allocations.
    SetWeights,
    /// Other buckets of its group.
    Slice,
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
            Self::SetWeights => "set_weights",
            Self::Slice => "slice",
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
        self.edit_mentioning(actor, edit, which, expected, &Mentions::default(), change).await
    }

    /// The same for a change that mentions other experiments or a group, which it then finds in the
    /// experiment's surroundings.
    pub async fn edit_mentioning<T: Send>(
        &self,
        actor: &Actor,
        edit: Edit,
        which: &ExperimentRef,
        expected: Option<i64>,
        mentions: &Mentions,
        change: impl FnOnce(&mut Experiment) -> Result<T, Refusal> + Send,
    ) -> StoreResult<(Experiment, T)> {
        let mut transaction = self.pool.begin().await?;
        let changed = change_held(&mut transaction, actor, edit, which, expected, mentions, change).await?;
        transaction.commit().await?;
        Ok(changed)
    }
}

/// Changes an experiment as a part of a transaction.
pub(in crate::store) async fn change_held<T: Send>(
    connection: &mut PgConnection,
    actor: &Actor,
    edit: Edit,
    which: &ExperimentRef,
    expected: Option<i64>,
    mentions: &Mentions,
    change: impl FnOnce(&mut Experiment) -> Result<T, Refusal> + Send,
) -> StoreResult<(Experiment, T)> {
    let mut experiment = hold(connection, which, expected, mentions).await?;
    let entry = Entry::of_experiment(&experiment, edit.action()).before(&experiment)?;
    let (group, salt) = (experiment.group.clone(), experiment.salt.clone());
    let outcome = change(&mut experiment)?;
    if edit == Edit::Update {
        metrics::ensure(connection, actor, &experiment).await?;
    }
    experiment.version += 1;
    experiment.updated_at = now();
    if experiment.salt != salt {
        let Experiment { environment_id, id, ref salt, .. } = experiment;
        references::require_new_salt(connection, environment_id, salt, id).await?;
    }
    save(connection, &experiment, group.as_ref()).await?;
    record(connection, actor, entry.after(&experiment)?).await?;
    Ok((experiment, outcome))
}

/// An experiment at the expected version with its surroundings, held with its environment's references
/// until the transaction ends.
pub(super) async fn hold(
    connection: &mut PgConnection,
    which: &ExperimentRef,
    expected: Option<i64>,
    mentions: &Mentions,
) -> StoreResult<Experiment> {
    let environment = environment_of(connection, which).await?;
    references::lock(connection, environment).await?;
    let mut experiment = find(connection, which, Lock::Update).await?;
    require_version(experiment.version, expected)?;
    let others = others(connection, environment, mentions).await?;
    experiment.surroundings.others = Arc::new(others);
    Ok(experiment)
}

/// The environment of an experiment, which never changes.
async fn environment_of(connection: &mut PgConnection, which: &ExperimentRef) -> StoreResult<Uuid> {
    let (id, environment, key) = match which {
        ExperimentRef::Id(id) => (Some(id), None, None),
        ExperimentRef::Key { environment, key } => (None, Some(environment), Some(key)),
    };
    let sql = "select environment_id from experiments join environments on environments.id = environment_id \
               where experiments.id = $1 or (environments.name = $2 and key = $3)";
    let found: Option<Uuid> =
        sqlx::query_scalar(sql).bind(id).bind(environment).bind(key).fetch_optional(connection).await?;
    found.ok_or_else(|| Refusal::NotFound("experiment").into())
}
