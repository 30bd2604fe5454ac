//! Writing who is in which group, and with which buckets.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::experiment::Experiment;
use crate::domain::group::GroupMode;
use crate::domain::layer::GroupMembership;
use crate::store::{StoreResult, now};

/// Writes an experiment's place in its group, where that has changed. The groups that it joins, leaves
/// or holds other buckets of get their next version. The caller holds the environment's references.
pub(in crate::store) async fn save_membership(
    connection: &mut PgConnection,
    it: &Experiment,
    before: Option<&GroupMembership>,
) -> StoreResult<()> {
    if it.group.as_ref() == before {
        return Ok(());
    }
    sqlx::query("delete from group_members where experiment_id = $1")
        .bind(it.id)
        .execute(&mut *connection)
        .await?;
    if let Some(group) = &it.group {
        insert(connection, it.id, group).await?;
    }
    let mut touched: Vec<Uuid> = it.group.iter().chain(before).map(|group| group.group_id).collect();
    touched.dedup();
    touch(connection, &touched).await
}

async fn insert(connection: &mut PgConnection, experiment: Uuid, group: &GroupMembership) -> StoreResult<()> {
    sqlx::query("insert into group_members (experiment_id, group_id) values ($1, $2)")
        .bind(experiment)
        .bind(group.group_id)
        .execute(&mut *connection)
        .await?;
    if group.mode == GroupMode::First {
        return Ok(());
    }
    let starts: Vec<i32> = group.ranges.iter().map(|range| range.range_start.into()).collect();
    let ends: Vec<i32> = group.ranges.iter().map(|range| range.range_end.into()).collect();
    let sql = "insert into slices (experiment_id, group_id, group_number, range_start, range_end) \
               select $1, groups.id, number, slice.* from groups, unnest($3::int[], $4::int[]) as slice \
               where groups.id = $2";
    sqlx::query(sql)
        .bind(experiment)
        .bind(group.group_id)
        .bind(starts)
        .bind(ends)
        .execute(connection)
        .await?;
    Ok(())
}

/// Gives groups their next version.
pub(in crate::store) async fn touch(connection: &mut PgConnection, groups: &[Uuid]) -> StoreResult<()> {
    sqlx::query("update groups set version = version + 1, updated_at = $2 where id = any($1)")
        .bind(groups)
        .bind(now())
        .execute(connection)
        .await?;
    Ok(())
}
