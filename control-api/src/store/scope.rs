//! Which environment a thing belongs to.

use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{Store, StoreResult};
use crate::domain::environment::EnvironmentRef;
use crate::domain::experiment::ExperimentRef;
use crate::domain::refusal::Refusal;

/// Things that belong to an environment and that paths name: by id, or as `environment:key`.
#[derive(Debug)]
pub struct Resource {
    /// The first segment of their paths.
    collection: &'static str,
    /// Their table, with `id`, `environment_id` and `key`.
    table: &'static str,
    /// What they are called.
    pub what: &'static str,
}

const ENVIRONMENTS: Resource =
    Resource { collection: "environments", table: "environments", what: "environment" };

const RESOURCES: &[Resource] = &[
    ENVIRONMENTS,
    Resource { collection: "experiments", table: "experiments", what: "experiment" },
    Resource { collection: "groups", table: "groups", what: "group" },
    Resource { collection: "segments", table: "segments", what: "segment" },
    Resource { collection: "holdouts", table: "holdouts", what: "holdout" },
    Resource { collection: "metrics", table: "metrics", what: "metric" },
];

impl Resource {
    /// The things whose paths begin with this segment.
    pub fn of_collection(segment: &str) -> Option<&'static Self> {
        RESOURCES.iter().find(|resource| resource.collection == segment)
    }
}

impl Store {
    /// The environment of the thing that a path names; none: there is no such thing.
    pub async fn environment_of(&self, resource: &Resource, named: &str) -> StoreResult<Option<Uuid>> {
        if resource.collection == ENVIRONMENTS.collection {
            return self.environment_id(named).await;
        }
        // All of them are named the way experiments are.
        let (id, environment, key) = match ExperimentRef::parse(named) {
            Some(ExperimentRef::Id(id)) => (Some(id), None, None),
            Some(ExperimentRef::Key { environment, key }) => (None, Some(environment), Some(key)),
            None => return Ok(None),
        };
        let table = resource.table;
        let sql = format!(
            "select environment_id from {table} join environments on environments.id = environment_id \
             where {table}.id = $1 or (environments.name = $2 and {table}.key = $3)"
        );
        // Safe: constants only.
        let found = sqlx::query_scalar(AssertSqlSafe(sql)).bind(id).bind(environment).bind(key);
        Ok(found.fetch_optional(&self.pool).await?)
    }

    /// The environment of an experiment, or the refusal that there is no such experiment.
    pub async fn environment_of_experiment(&self, which: &ExperimentRef) -> StoreResult<Uuid> {
        let (id, environment, key) = match which {
            ExperimentRef::Id(id) => (Some(id), None, None),
            ExperimentRef::Key { environment, key } => (None, Some(environment), Some(key)),
        };
        let sql = "select environment_id from experiments \
                   join environments on environments.id = environment_id \
                   where experiments.id = $1 or (environments.name = $2 and key = $3)";
        let found: Option<Uuid> =
            sqlx::query_scalar(sql).bind(id).bind(environment).bind(key).fetch_optional(&self.pool).await?;
        found.ok_or_else(|| Refusal::NotFound("experiment").into())
    }

    async fn environment_id(&self, named: &str) -> StoreResult<Option<Uuid>> {
        let (id, name) = match EnvironmentRef::parse(named) {
            Some(EnvironmentRef::Id(id)) => (Some(id), None),
            Some(EnvironmentRef::Name(name)) => (None, Some(name)),
            None => return Ok(None),
        };
        let sql = "select id from environments where id = $1 or name = $2";
        Ok(sqlx::query_scalar(sql).bind(id).bind(name).fetch_optional(&self.pool).await?)
    }
}
