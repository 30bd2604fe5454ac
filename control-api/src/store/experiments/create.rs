//! Making experiments.

use sqlx::PgConnection;

use super::save::save;
use crate::domain::actor::Actor;
use crate::domain::environment::{Environment, EnvironmentRef};
use crate::domain::experiment::Experiment;
use crate::domain::refusal::Refusal;
use crate::store::audit::{Entry, record};
use crate::store::{Store, StoreError, StoreResult, environments, metrics};

/// The environment of a new experiment.
#[derive(Clone, Debug)]
pub enum EnvironmentChoice {
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
        let environment = choose(&mut transaction, actor, choice).await?;
        let experiment = build(&environment)?;
        metrics::ensure(&mut transaction, actor, &experiment).await?;
        save(&mut transaction, &experiment).await?;
        let entry = Entry::of_experiment(&experiment, "create").after(&experiment)?;
        record(&mut transaction, actor, entry).await?;
        transaction.commit().await?;
        Ok(experiment)
    }
}

/// The environment of something new.
pub(in crate::store) async fn choose(
    connection: &mut PgConnection,
    actor: &Actor,
    choice: &EnvironmentChoice,
) -> StoreResult<Environment> {
    match choice {
        EnvironmentChoice::Named(which, pointer) => environments::find(connection, which)
            .await
            .map_err(|error| unknown_environment(error, pointer)),
        EnvironmentChoice::Only(client_side) => environments::only(connection, actor, *client_side).await,
    }
}

/// An environment that a body names is a fault of the body, not a missing page.
fn unknown_environment(error: StoreError, pointer: &str) -> StoreError {
    match error {
        StoreError::Refused(Refusal::NotFound(_)) => {
            Refusal::fault(pointer, "unknown_environment", "There is no such environment.").into()
        }
        other => other,
    }
}
