//! From what events name to rows: environments, experiments and variants as they are now.

use std::collections::BTreeSet;

use lotwise_serving::{Refusal, Refused};
use uuid::Uuid;

use super::waiting::{WaitingEvent, WaitingKind};
use crate::domain::event::{NewEvent, NewExposure};
use crate::domain::status::Status;
use crate::store::events::{EventTargets, TargetExperiment};

/// Rows to write.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) exposures: Vec<NewExposure>,
    pub(super) events: Vec<NewEvent>,
    /// How many of them have a time that lay in the future.
    pub(super) clamped: u64,
}

/// What events name: environments, each with the key of an experiment or an empty one.
pub(super) fn wanted<'e>(events: impl Iterator<Item = &'e WaitingEvent>) -> BTreeSet<(&'e str, &'e str)> {
    events.map(|it| (it.environment.as_str(), it.experiment_key.as_str())).collect()
}

impl Rows {
    /// Adds a request's events, but for those that name what there is not.
    pub(super) fn add(&mut self, events: Vec<WaitingEvent>, targets: &EventTargets) -> Vec<Refused> {
        let mut refused = Vec::new();
        for event in events {
            let index = event.index;
            if let Err(refusal) = self.add_one(event, targets) {
                refused.push(Refused::new(index, refusal));
            }
        }
        refused
    }

    fn add_one(&mut self, event: WaitingEvent, targets: &EventTargets) -> Result<(), Refusal> {
        let target = targets
            .get(&event.environment, &event.experiment_key)
            .ok_or(Refusal::new("unknown_environment", "there is no environment of this name"))?;
        let experiment = match &target.experiment {
            _ if event.experiment_key.is_empty() => None,
            Some(experiment) => Some(open(experiment)?),
            None => {
                let detail = "the environment has no experiment of this key";
                return Err(Refusal::new("unknown_experiment", detail));
            }
        };
        self.clamped += u64::from(event.occurred.is_clamped);
        let WaitingEvent { id, user_key, properties, occurred, request_id, source, .. } = event;
        let environment_id = target.environment_id;
        match (event.kind, experiment) {
            (WaitingKind::Track { event_name, value }, experiment) => self.events.push(NewEvent {
                id,
                environment_id,
                experiment_id: experiment.map(|it| it.id),
                user_key,
                event_name,
                value,
                properties,
                occurred,
                request_id,
                source,
            }),
            (
                WaitingKind::Exposure {
                    variant_key,
                    reason,
                    is_override,
                    config_version,
                    snapshot_sha256,
                    context,
                    sticky,
                },
                Some(experiment),
            ) => {
                self.exposures.push(NewExposure {
                    id,
                    environment_id,
                    experiment_id: experiment.id,
                    variant_id: variant(experiment, &variant_key)?,
                    user_key,
                    reason,
                    is_override,
                    config_version,
                    snapshot_sha256,
                    context,
                    sticky,
                    properties,
                    occurred,
                    request_id,
                    source,
                });
            }
            (WaitingKind::Exposure { .. }, None) => {
                return Err(Refusal::new(
                    "invalid_experiment_key",
                    "an exposure names an experiment by its key",
                ));
            }
        }
        Ok(())
    }
}

/// The experiment, if events can be of it.
fn open(experiment: &TargetExperiment) -> Result<&TargetExperiment, Refusal> {
    match experiment.status {
        Status::Archived => {
            Err(Refusal::new("experiment_archived", "the experiment is archived and takes no more events"))
        }
        Status::Draft => Err(Refusal::new(
            "experiment_not_started",
            "the experiment is a draft and was given to nobody yet",
        )),
        Status::Running | Status::Paused | Status::Concluded => Ok(experiment),
    }
}

fn variant(experiment: &TargetExperiment, key: &str) -> Result<Uuid, Refusal> {
    let variant = experiment.variants.get(key).copied();
    variant.ok_or(Refusal::new("unknown_variant", "the experiment has no variant of this key"))
}
