//! Making experiments.

use super::save::save;
use crate::domain::actor::Actor;
use crate::domain::environment::{Environment, EnvironmentRef};
use crate::domain::experiment::Experiment;
use crate::domain::refusal::Refusal;
use crate::domain::scope::Scope;
use crate::store::audit::{Entry, record};
use crate::store::{Store, StoreResult, environments};

/// The environment of something new, and those that its maker has to do with.
#[derive(Clone, Debug)]
pub struct EnvironmentChoice {
    /// Which one.
    pub place: EnvironmentPlace,
    /// Others do not exist for the maker.
    pub scope: Scope,
}

/// How an environment is chosen.
#[derive(Clone, Debug)]
pub enum EnvironmentPlace {
    /// This one. The pointer is where the body names it.
    Named(EnvironmentRef, String),
    /// The only one; made if there is none, with this default for `clientSide`.
    Only(bool),
}

impl Store {
    /// Makes an experiment in the chosen environment. `build` gets the environment and gives the
    /// experiment, or why not.
    pub async fn create_experiment(
        &self,
        actor: &Actor,
        choice: &EnvironmentChoice,
        build: impl FnOnce(&Environment) -> Result<Experiment, Refusal> + Send,
    ) -> StoreResult<Experiment> {
        let mut transaction = self.pool.begin().await?;
        let environment = environments::choose(&mut transaction, actor, choice).await?;
        let experiment = build(&environment)?;
        save(&mut transaction, &experiment).await?;
        let entry = Entry::of_experiment(&experiment, "create").after(&experiment)?;
        record(&mut transaction, actor, entry).await?;
        transaction.commit().await?;
        Ok(experiment)
    }
}
