//! Real subjects, taken from what was recorded of them.

use std::collections::BTreeMap;

use lotwise_core::{Context, Sticky};
use serde_json::value::RawValue;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Store, StoreResult, environments};
use crate::domain::environment::EnvironmentRef;
use crate::domain::sample::{MAX_SUBJECTS, SampleSubject};

/// Exposures that are looked at: a subject has one for each experiment it met.
const MAX_EXPOSURES: i64 = 500_000;

type Attributes = BTreeMap<String, Box<RawValue>>;

/// What is known of one subject.
#[derive(Default)]
struct Known {
    attributes: Attributes,
    sticky: BTreeMap<String, String>,
}

impl Store {
    /// The subjects of the latest exposures of an environment, up to [`MAX_SUBJECTS`]. Their attributes are
    /// those that rules read, the latest value of each; their sticky state is what came with the
    /// exposures and what persistent assignment keeps.
    pub async fn recent_subjects(&self, which: &EnvironmentRef) -> StoreResult<Vec<SampleSubject>> {
        let mut connection = self.pool.acquire().await?;
        let environment = environments::find(&mut connection, which).await?;
        let mut known: BTreeMap<Vec<u8>, Known> = BTreeMap::new();
        for (user_key, context, sticky) in recent_exposures(&mut connection, environment.id).await? {
            if known.len() == MAX_SUBJECTS && !known.contains_key(&user_key) {
                continue;
            }
            let known = known.entry(user_key).or_default();
            let attributes: Option<Attributes> = context.and_then(|it| serde_json::from_str(&it).ok());
            for (name, value) in attributes.unwrap_or_default() {
                // The latest come first.
                known.attributes.entry(name).or_insert(value);
            }
            let sticky: Option<BTreeMap<String, String>> =
                sticky.and_then(|it| serde_json::from_str(&it).ok());
            for (experiment, variant) in sticky.unwrap_or_default() {
                known.sticky.entry(experiment).or_insert(variant);
            }
        }
        let keys: Vec<&[u8]> = known.keys().map(Vec::as_slice).collect();
        let assigned = assignments(&mut connection, environment.id, &keys).await?;
        for (user_key, experiment, variant) in assigned {
            if let Some(known) = known.get_mut(&user_key) {
                known.sticky.insert(experiment, variant);
            }
        }
        Ok(known.into_iter().filter_map(into_subject).collect())
    }
}

fn into_subject((user_key, known): (Vec<u8>, Known)) -> Option<SampleSubject> {
    let context = serde_json::to_string(&known.attributes).ok()?;
    let sticky: Sticky = known.sticky.into_iter().collect();
    Some(SampleSubject {
        user_key: String::from_utf8(user_key).ok()?,
        context: Context::from_json(&context).ok()?.into_owned(),
        sticky: Some(sticky).filter(|it| it.iter().len() > 0),
    })
}

/// User key, context and sticky state of the latest exposures, the latest first.
async fn recent_exposures(
    connection: &mut PgConnection,
    environment: Uuid,
) -> StoreResult<Vec<(Vec<u8>, Option<String>, Option<String>)>> {
    // Batches are numbered as they are written.
    let sql = "select user_key, context::text, sticky::text from exposures where environment_id = $1 \
               order by batch desc limit $2";
    Ok(sqlx::query_as(sql).bind(environment).bind(MAX_EXPOSURES).fetch_all(connection).await?)
}

/// User key, experiment key and variant key of what these users are assigned.
async fn assignments(
    connection: &mut PgConnection,
    environment: Uuid,
    user_keys: &[&[u8]],
) -> StoreResult<Vec<(Vec<u8>, String, String)>> {
    let sql = "select user_key, experiments.key, variant_key from assignments \
               join experiments on experiments.id = experiment_id \
               where environment_id = $1 and user_key = any($2)";
    Ok(sqlx::query_as(sql).bind(environment).bind(user_keys).fetch_all(connection).await?)
}
