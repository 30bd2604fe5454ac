//! What events name: environments, experiments and variants.

use std::collections::{BTreeSet, HashMap};

use sqlx::FromRow;
use uuid::Uuid;

use crate::domain::status::Status;
use crate::store::{Store, StoreError, StoreResult};

/// What is known of some environments and experiments, by name and key.
#[derive(Clone, Debug, Default)]
pub struct EventTargets(HashMap<(String, String), EventTarget>);

/// An environment and, if it was asked for and exists, an experiment of it.
#[derive(Clone, Debug)]
pub struct EventTarget {
    /// The environment.
    pub environment_id: Uuid,
    /// None: there is none of this key.
    pub experiment: Option<TargetExperiment>,
}

/// An experiment that events may be of.
#[derive(Clone, Debug)]
pub struct TargetExperiment {
    /// The experiment.
    pub id: Uuid,
    /// Where it stands in its life.
    pub status: Status,
    /// Its variants by key.
    pub variants: HashMap<String, Uuid>,
}

#[derive(FromRow)]
struct Row {
    environment: String,
    environment_id: Uuid,
    key: String,
    experiment_id: Option<Uuid>,
    status: Option<String>,
    variant_keys: Vec<String>,
    variant_ids: Vec<Uuid>,
}

impl EventTargets {
    /// An environment and an experiment of it, or none of that name. An empty key: the environment alone.
    pub fn get(&self, environment: &str, key: &str) -> Option<&EventTarget> {
        self.0.get(&(environment.to_owned(), key.to_owned()))
    }
}

impl Store {
    /// Looks up environments by name with experiments by key; an empty key asks for the environment alone.
    pub async fn event_targets(&self, wanted: BTreeSet<(&str, &str)>) -> StoreResult<EventTargets> {
        let (environments, keys): (Vec<&str>, Vec<&str>) = wanted.into_iter().unzip();
        let sql = "select wanted.environment, environments.id as environment_id, wanted.key, \
                   experiments.id as experiment_id, experiments.status, \
                   array_remove(array_agg(variants.key), null) as variant_keys, \
                   array_remove(array_agg(variants.id), null) as variant_ids \
                   from unnest($1::text[], $2::text[]) as wanted (environment, key) \
                   join environments on environments.name = wanted.environment \
                   left join experiments on experiments.environment_id = environments.id \
                     and experiments.key = wanted.key \
                   left join variants on variants.experiment_id = experiments.id group by 1, 2, 3, 4, 5";
        let rows: Vec<Row> = sqlx::query_as(sql).bind(environments).bind(keys).fetch_all(&self.pool).await?;
        let targets: StoreResult<HashMap<_, _>> = rows.into_iter().map(Row::into_entry).collect();
        Ok(EventTargets(targets?))
    }
}

impl Row {
    fn into_entry(self) -> StoreResult<((String, String), EventTarget)> {
        let experiment = match (self.experiment_id, self.status) {
            (Some(id), Some(status)) => {
                let status = Status::parse(&status).ok_or_else(|| {
                    StoreError::Internal("a stored status cannot be read by this program".to_owned())
                })?;
                let variants = self.variant_keys.into_iter().zip(self.variant_ids).collect();
                Some(TargetExperiment { id, status, variants })
            }
            _ => None,
        };
        let target = EventTarget { environment_id: self.environment_id, experiment };
        Ok(((self.environment, self.key), target))
    }
}
