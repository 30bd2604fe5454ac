//! What a change of an experiment is checked against.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::prerequisite::Prerequisite;
use crate::domain::refusal::Refusal;
use crate::domain::status::Status;
use crate::domain::surroundings::{Other, Others};
use crate::store::{StoreError, StoreResult, groups};

/// What a change mentions, so that it is read before the change is tried.
#[derive(Clone, Debug, Default)]
pub struct Mentions {
    /// Keys of experiments.
    pub experiments: Vec<String>,
    /// The key of a group.
    pub group: Option<String>,
}

/// Reads the others of an environment: experiments that need or are needed, and what is mentioned.
pub(super) async fn others(
    connection: &mut PgConnection,
    environment: Uuid,
    mentions: &Mentions,
) -> StoreResult<Others> {
    let mut needs = needs(connection, environment).await?;
    let mut keys: BTreeSet<String> = mentions.experiments.iter().cloned().collect();
    for (key, prerequisites) in &needs {
        keys.insert(key.clone());
        keys.extend(prerequisites.iter().map(|it| it.experiment.clone()));
    }
    let keys: Vec<String> = keys.into_iter().collect();
    let mut experiments = facts(connection, environment, &keys).await?;
    for (key, other) in &mut experiments {
        other.prerequisites = needs.remove(key).unwrap_or_default();
    }
    let mut others = Others { experiments, ..Others::default() };
    if let Some(key) = &mentions.group {
        match groups::by_key(connection, environment, key).await {
            Ok(group) => {
                others.groups.insert(key.clone(), group);
            }
            Err(StoreError::Refused(Refusal::NotFound(_))) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(others)
}

/// Prerequisites by the key of the experiment that has them.
async fn needs(
    connection: &mut PgConnection,
    environment: Uuid,
) -> StoreResult<BTreeMap<String, Vec<Prerequisite>>> {
    let sql = "select needing.key, required.key, variants from prerequisites \
               join experiments as needing on needing.id = experiment_id \
               join experiments as required on required.id = required_id \
               where needing.environment_id = $1 order by experiment_id, position";
    let rows: Vec<(String, String, Vec<String>)> =
        sqlx::query_as(sql).bind(environment).fetch_all(connection).await?;
    let mut needs: BTreeMap<String, Vec<Prerequisite>> = BTreeMap::new();
    for (key, experiment, variants) in rows {
        needs.entry(key).or_default().push(Prerequisite { experiment, variants });
    }
    Ok(needs)
}

/// What has to be known of the experiments of these keys, but for what they need.
async fn facts(
    connection: &mut PgConnection,
    environment: Uuid,
    keys: &[String],
) -> StoreResult<BTreeMap<String, Other>> {
    if keys.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql = "select key, status, client_side, array(select variants.key from variants \
                 where experiment_id = experiments.id order by position) \
               from experiments where environment_id = $1 and key = any($2)";
    let rows: Vec<(String, String, bool, Vec<String>)> =
        sqlx::query_as(sql).bind(environment).bind(keys).fetch_all(connection).await?;
    let other = |(key, status, client_side, variants): (String, String, bool, Vec<String>)| {
        let status = Status::parse(&status)
            .ok_or_else(|| StoreError::Internal("a stored status cannot be read".to_owned()))?;
        Ok((key, Other { status, client_side, variants, prerequisites: Vec::new() }))
    };
    rows.into_iter().map(other).collect()
}
