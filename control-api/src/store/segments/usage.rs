//! What uses segments.

use std::collections::BTreeMap;

use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use super::find::of_environment;
use crate::domain::rules::{Condition, TargetingRule};
use crate::domain::segment::conditions_of;
use crate::store::{Store, StoreError, StoreResult};

/// What names a segment in its rules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SegmentUsage)]
pub struct Usage {
    /// Keys of experiments that are not archived.
    pub experiments: Vec<String>,
    /// Keys of other segments.
    pub segments: Vec<String>,
}

impl Store {
    /// What uses the segments of these environments: by environment and key of the segment.
    pub async fn segment_usage(&self, environments: &[Uuid]) -> StoreResult<BTreeMap<(Uuid, String), Usage>> {
        let mut connection = self.pool.acquire().await?;
        let mut all = BTreeMap::new();
        for environment in environments {
            for (key, usage) in of(&mut connection, *environment).await? {
                all.insert((*environment, key), usage);
            }
        }
        Ok(all)
    }
}

/// What uses an environment's segments, by their keys.
pub(super) async fn of(
    connection: &mut PgConnection,
    environment: Uuid,
) -> StoreResult<BTreeMap<String, Usage>> {
    let mut usage: BTreeMap<String, Usage> = BTreeMap::new();
    for (key, rules) in of_environment(connection, environment).await? {
        for named in named(conditions_of(&rules)) {
            usage.entry(named).or_default().segments.push(key.clone());
        }
    }
    let sql = "select key, targeting_rules::text, rules::text from experiments \
               where environment_id = $1 and status <> 'ARCHIVED' \
               and (targeting_rules::text like '%nSegment%' or rules::text like '%nSegment%') \
               order by key collate \"C\"";
    let rows: Vec<(String, String, String)> =
        sqlx::query_as(sql).bind(environment).fetch_all(connection).await?;
    for (key, targeting, rules) in rows {
        // Of a delivery rule, too, the conditions are all that matters here.
        let rules = [read(&targeting)?, read(&rules)?].concat();
        for named in named(conditions_of(&rules)) {
            usage.entry(named).or_default().experiments.push(key.clone());
        }
    }
    Ok(usage)
}

/// The segments that conditions name, each once.
fn named<'a>(conditions: impl Iterator<Item = &'a Condition>) -> Vec<String> {
    let mut named: Vec<String> = conditions.filter_map(Condition::segment).collect();
    named.sort_unstable();
    named.dedup();
    named
}

fn read(json: &str) -> StoreResult<Vec<TargetingRule>> {
    serde_json::from_str(json)
        .map_err(|_| StoreError::Internal("stored rules cannot be read by this program".to_owned()))
}
