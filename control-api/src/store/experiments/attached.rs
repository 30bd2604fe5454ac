//! What stands in other tables and belongs to experiments: prerequisites, groups, holdouts,
//! overrides, and the segments of their environments.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::group::GroupMode;
use crate::domain::layer::{GroupMembership, Layer};
use crate::domain::prerequisite::Prerequisite;
use crate::domain::range::Range;
use crate::domain::segment::Segments;
use crate::store::{StoreError, StoreResult, holdouts, segments};

/// A holdout, and the experiments that it covers; none: all of them.
type Holdout = (Layer, Option<Vec<Uuid>>);

/// What belongs to some experiments, by their ids.
#[derive(Default)]
pub(super) struct Attached {
    pub(super) prerequisites: HashMap<Uuid, Vec<Prerequisite>>,
    pub(super) groups: HashMap<Uuid, GroupMembership>,
    pub(super) overrides: HashMap<Uuid, BTreeMap<String, String>>,
    holdouts: HashMap<Uuid, Vec<Holdout>>,
    segments: HashMap<Uuid, Arc<Segments>>,
}

impl Attached {
    /// Reads what belongs to the experiments `ids` of the environments `environments`.
    pub(super) async fn read(
        connection: &mut PgConnection,
        ids: &[Uuid],
        environments: &[Uuid],
    ) -> StoreResult<Self> {
        let mut attached = Self {
            prerequisites: prerequisites_of(connection, ids).await?,
            groups: memberships_of(connection, ids).await?,
            overrides: overrides_of(connection, ids).await?,
            ..Self::default()
        };
        for environment in environments {
            let layers = holdouts::layers(connection, *environment).await?;
            attached.holdouts.insert(*environment, layers);
            let segments = segments::of_environment(connection, *environment).await?;
            attached.segments.insert(*environment, Arc::new(segments));
        }
        Ok(attached)
    }

    /// The holdouts that cover an experiment, by key.
    pub(super) fn holdouts(&self, environment: Uuid, experiment: Uuid) -> Vec<Layer> {
        let all = self.holdouts.get(&environment).into_iter().flatten();
        let covers = |listed: &Option<Vec<Uuid>>| listed.as_ref().is_none_or(|ids| ids.contains(&experiment));
        all.filter(|(_, listed)| covers(listed)).map(|(layer, _)| layer.clone()).collect()
    }

    /// The segments of an environment.
    pub(super) fn segments(&self, environment: Uuid) -> Arc<Segments> {
        self.segments.get(&environment).cloned().unwrap_or_default()
    }
}

async fn prerequisites_of(
    connection: &mut PgConnection,
    ids: &[Uuid],
) -> StoreResult<HashMap<Uuid, Vec<Prerequisite>>> {
    let sql = "select experiment_id, key, variants from prerequisites \
               join experiments on experiments.id = required_id \
               where experiment_id = any($1) order by experiment_id, position";
    let rows: Vec<(Uuid, String, Vec<String>)> = sqlx::query_as(sql).bind(ids).fetch_all(connection).await?;
    let mut by_experiment: HashMap<Uuid, Vec<Prerequisite>> = HashMap::new();
    for (id, experiment, variants) in rows {
        by_experiment.entry(id).or_default().push(Prerequisite { experiment, variants });
    }
    Ok(by_experiment)
}

async fn memberships_of(
    connection: &mut PgConnection,
    ids: &[Uuid],
) -> StoreResult<HashMap<Uuid, GroupMembership>> {
    type Row = (Uuid, Uuid, String, String, String, String);
    let sql = "select experiment_id, groups.id, key, mode, salt, bucket_by from group_members \
               join groups on groups.id = group_id where experiment_id = any($1)";
    let rows: Vec<Row> = sqlx::query_as(sql).bind(ids).fetch_all(&mut *connection).await?;
    let mut memberships = HashMap::with_capacity(rows.len());
    for (experiment, group_id, key, mode, salt, bucket_by) in rows {
        let mode = read_mode(&mode)?;
        let ranges = if mode == GroupMode::First { vec![Range::ALL] } else { Vec::new() };
        memberships.insert(experiment, GroupMembership { group_id, key, mode, salt, bucket_by, ranges });
    }
    if memberships.is_empty() {
        return Ok(memberships);
    }
    let sql = "select experiment_id, range_start, range_end from slices \
               where experiment_id = any($1) order by experiment_id, range_start";
    let rows: Vec<(Uuid, i16, i16)> = sqlx::query_as(sql).bind(ids).fetch_all(connection).await?;
    for (experiment, start, end) in rows {
        if let Some(membership) = memberships.get_mut(&experiment) {
            membership.ranges.push(read_range(start, end)?);
        }
    }
    Ok(memberships)
}

async fn overrides_of(
    connection: &mut PgConnection,
    ids: &[Uuid],
) -> StoreResult<HashMap<Uuid, BTreeMap<String, String>>> {
    let sql = "select overrides.experiment_id, user_key, key from overrides \
               join variants on variants.id = variant_id where overrides.experiment_id = any($1)";
    let rows: Vec<(Uuid, Vec<u8>, String)> = sqlx::query_as(sql).bind(ids).fetch_all(connection).await?;
    let mut by_experiment: HashMap<Uuid, BTreeMap<String, String>> = HashMap::new();
    for (id, user_key, variant) in rows {
        by_experiment.entry(id).or_default().insert(read_user_key(user_key)?, variant);
    }
    Ok(by_experiment)
}

/// A stored user key, which was UTF-8 when it was written.
pub(super) fn read_user_key(bytes: Vec<u8>) -> StoreResult<String> {
    String::from_utf8(bytes).map_err(|_| unreadable("user key"))
}

/// A stored mode.
pub(in crate::store) fn read_mode(text: &str) -> StoreResult<GroupMode> {
    GroupMode::parse(text).ok_or_else(|| unreadable("mode"))
}

/// A stored range.
pub(in crate::store) fn read_range(start: i16, end: i16) -> StoreResult<Range> {
    let bucket = |number: i16| number.try_into().map_err(|_| unreadable("range"));
    Ok(Range { range_start: bucket(start)?, range_end: bucket(end)? })
}

fn unreadable(what: &str) -> StoreError {
    StoreError::Internal(format!("a stored {what} cannot be read by this program"))
}
