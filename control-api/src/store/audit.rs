//! The history of changes.

use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{StoreError, StoreResult, now};
use crate::domain::actor::Actor;
use crate::domain::environment::Environment;
use crate::domain::experiment::Experiment;

/// One change, as the history keeps it.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// The environment it happened in.
    pub environment_id: Option<Uuid>,
    /// The experiment whose history it belongs to.
    pub experiment_id: Option<Uuid>,
    /// What kind of thing changed, e.g. `experiment`.
    pub resource: &'static str,
    /// Which one.
    pub resource_id: Option<Uuid>,
    /// Its key or name.
    pub resource_key: String,
    /// What happened, e.g. `update`.
    pub action: &'static str,
    /// The thing before, as JSON without secrets; none: it was made.
    pub before: Option<String>,
    /// The thing afterwards; none: it was deleted.
    pub after: Option<String>,
}

impl Entry {
    /// A change of an environment.
    pub fn of_environment(environment: &Environment, action: &'static str) -> Self {
        Self {
            environment_id: Some(environment.id),
            resource: "environment",
            resource_id: Some(environment.id),
            resource_key: environment.name.clone(),
            action,
            ..Self::default()
        }
    }

    /// A change of an experiment, or of what belongs to it.
    pub fn of_experiment(experiment: &Experiment, action: &'static str) -> Self {
        Self {
            environment_id: Some(experiment.environment_id),
            experiment_id: Some(experiment.id),
            resource: "experiment",
            resource_id: Some(experiment.id),
            resource_key: experiment.key.clone(),
            action,
            ..Self::default()
        }
    }

    /// With what it was.
    pub fn before<T: Serialize>(self, value: &T) -> StoreResult<Self> {
        Ok(Self { before: Some(json(value)?), ..self })
    }

    /// With what it is now.
    pub fn after<T: Serialize>(self, value: &T) -> StoreResult<Self> {
        Ok(Self { after: Some(json(value)?), ..self })
    }
}

fn json<T: Serialize>(value: &T) -> StoreResult<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Internal(error.to_string()))
}

/// Writes a change into the history, in the transaction that makes it.
pub(in crate::store) async fn record(
    connection: &mut PgConnection,
    actor: &Actor,
    entry: Entry,
) -> StoreResult<()> {
    let sql = "insert into audit (id, at, actor, token_id, request_id, environment_id, experiment_id, \
               resource, resource_id, resource_key, action, before, after) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::text::json, $13::text::json)";
    sqlx::query(sql)
        .bind(Uuid::now_v7())
        .bind(now())
        .bind(&actor.name)
        .bind(actor.token_id)
        .bind(&actor.request_id)
        .bind(entry.environment_id)
        .bind(entry.experiment_id)
        .bind(entry.resource)
        .bind(entry.resource_id)
        .bind(&entry.resource_key)
        .bind(entry.action)
        .bind(&entry.before)
        .bind(&entry.after)
        .execute(connection)
        .await?;
    Ok(())
}
