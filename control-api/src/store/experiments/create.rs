//! Making experiments.

use std::sync::Arc;

use super::load::{Lock, find};
use super::save::save;
use super::surroundings::{Mentions, others};
use crate::domain::actor::Actor;
use crate::domain::environment::{Environment, EnvironmentRef};
use crate::domain::experiment::{Experiment, ExperimentRef};
use crate::domain::refusal::Refusal;
use crate::domain::scope::Scope;
use crate::domain::surroundings::Surroundings;
use crate::store::audit::{Entry, record};
use crate::store::segments::of_environment;
use crate::store::{Store, StoreResult, environments, metrics, references};

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
    /// Makes an experiment in the chosen environment. `build` gets the environment and the experiment's
    /// surroundings with what is mentioned, and gives the experiment, or why not.
    pub async fn create_experiment(
        &self,
        actor: &Actor,
        choice: &EnvironmentChoice,
        mentions: &Mentions,
        build: impl FnOnce(&Environment, Surroundings) -> Result<Experiment, Refusal> + Send,
    ) -> StoreResult<Experiment> {
        let mut transaction = self.pool.begin().await?;
        let environment = environments::choose(&mut transaction, actor, choice).await?;
        references::lock(&mut transaction, environment.id).await?;
        let surroundings = Surroundings {
            segments: Arc::new(of_environment(&mut transaction, environment.id).await?),
            others: Arc::new(others(&mut transaction, environment.id, mentions).await?),
        };
        let experiment = build(&environment, surroundings)?;
        let Experiment { environment_id, id, ref salt, .. } = experiment;
        references::require_new_salt(&mut transaction, environment_id, salt, id).await?;
        metrics::ensure(&mut transaction, actor, &experiment).await?;
        save(&mut transaction, &experiment, None).await?;
        // As it is now, with the holdouts that cover it.
        let experiment = find(&mut transaction, &ExperimentRef::Id(id), Lock::None).await?;
        let entry = Entry::of_experiment(&experiment, "create").after(&experiment)?;
        record(&mut transaction, actor, entry).await?;
        transaction.commit().await?;
        Ok(experiment)
    }
}
