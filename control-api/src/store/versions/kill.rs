//! The kill switch: pausing an experiment and recording a version without it, in one transaction.

use super::contents::{Contents, Material, contents, latest_version};
use super::prepare::{Outcome, Prepared, record};
use crate::domain::actor::Actor;
use crate::domain::environment::{Environment, EnvironmentRef};
use crate::domain::experiment::{Experiment, ExperimentRef, require_version};
use crate::domain::refusal::Refusal;
use crate::store::audit::{self, Entry};
use crate::store::experiments::load::{Lock, find};
use crate::store::experiments::save::save;
use crate::store::{Store, StoreResult, environments, now, references};

/// What a kill came to.
#[derive(Debug)]
pub struct Killed {
    /// The experiment as it is now.
    pub experiment: Experiment,
    /// The version without it; none where nothing was ever published.
    pub outcome: Option<Outcome>,
}

impl Store {
    /// Pauses an experiment, unless that has happened, and records a version that says what the present
    /// one says without it, unless the present one does.
    ///
    /// `published` asks the store which version its pointer names. Where it does not answer, the version
    /// is recorded all the same, and carried there once it does.
    pub async fn kill_experiment(
        &self,
        actor: &Actor,
        which: &ExperimentRef,
        expected: Option<i64>,
        note: Option<&str>,
        published: impl AsyncFnOnce(&Environment) -> Option<i64>,
        compile: impl FnOnce(Contents) -> Result<Prepared, Refusal> + Send + 'static,
    ) -> StoreResult<Killed> {
        let mut transaction = self.pool.begin().await?;
        // The environment first, as publishers do, so that neither waits for the other.
        let seen = find(&mut transaction, which, Lock::None).await?;
        let environment =
            environments::hold(&mut transaction, &EnvironmentRef::Id(seen.environment_id)).await?;
        references::lock(&mut transaction, environment.id).await?;
        let mut experiment = find(&mut transaction, which, Lock::Update).await?;
        require_version(experiment.version, expected)?;
        let entry = Entry::of_experiment(&experiment, "kill").before(&experiment)?;
        if experiment.kill()? {
            experiment.version += 1;
            experiment.updated_at = now();
            save(&mut transaction, &experiment, experiment.group.as_ref()).await?;
            audit::record(&mut transaction, actor, entry.after(&experiment)?).await?;
        }
        let latest = latest_version(&mut transaction, environment.id).await?;
        let present = latest.as_ref().map(|it| it.id);
        let outcome = if present.is_none() {
            None
        } else {
            let at = published(&environment).await.or_else(|| latest.as_ref().map(|it| it.version));
            let material = Material::Without(experiment.key.clone());
            let contents =
                contents(&mut transaction, &environment, &material, latest, at, Lock::Update).await?;
            Some(record(&mut transaction, actor, &environment, note, present, contents, compile).await?)
        };
        transaction.commit().await?;
        Ok(Killed { experiment, outcome })
    }
}
