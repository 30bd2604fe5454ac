//! Reading groups.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, FromRow, PgConnection};
use uuid::Uuid;

use crate::domain::group::{Group, GroupMode, Member};
use crate::domain::range::Range;
use crate::domain::reference::ResourceRef;
use crate::domain::refusal::Refusal;
use crate::domain::status::Status;
use crate::store::experiments::attached::{read_mode, read_range};
use crate::store::listing::Listing;
use crate::store::{Store, StoreError, StoreResult};

/// The columns of [`Row`].
const COLUMNS: &str = "groups.id, environment_id, environments.name as environment, key, groups.name, \
     description, mode, salt, bucket_by, groups.version, groups.created_at, groups.updated_at \
     from groups join environments on environments.id = environment_id";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    environment_id: Uuid,
    environment: String,
    key: String,
    name: String,
    description: Option<String>,
    mode: String,
    salt: String,
    bucket_by: String,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Store {
    /// One group with its members.
    pub async fn group(&self, which: &ResourceRef) -> StoreResult<Group> {
        let mut connection = self.pool.acquire().await?;
        find(&mut connection, which).await
    }

    /// A page of groups, newest first.
    pub async fn groups(&self, listing: &Listing) -> StoreResult<Vec<Group>> {
        let sql = Listing::sql("groups", COLUMNS);
        let mut connection = self.pool.acquire().await?;
        // Safe: constants only.
        let query = sqlx::query_as(AssertSqlSafe(sql));
        let rows: Vec<Row> = listing.bind(query).fetch_all(&mut *connection).await?;
        complete(&mut connection, rows).await
    }
}

/// One group, or the refusal that there is none.
pub(super) async fn find(connection: &mut PgConnection, which: &ResourceRef) -> StoreResult<Group> {
    let (id, environment, key) = which.parts();
    let sql = format!("select {COLUMNS} where groups.id = $1 or (environments.name = $2 and key = $3)");
    // Safe: constants only.
    let row: Option<Row> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(id)
        .bind(environment)
        .bind(key)
        .fetch_optional(&mut *connection)
        .await?;
    one(connection, row).await
}

/// The group of this key in an environment, or the refusal that there is none.
pub(in crate::store) async fn by_key(
    connection: &mut PgConnection,
    environment: Uuid,
    key: &str,
) -> StoreResult<Group> {
    let sql = format!("select {COLUMNS} where environment_id = $1 and key = $2");
    // Safe: constants only.
    let row: Option<Row> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(environment)
        .bind(key)
        .fetch_optional(&mut *connection)
        .await?;
    one(connection, row).await
}

async fn one(connection: &mut PgConnection, row: Option<Row>) -> StoreResult<Group> {
    let row = row.ok_or(Refusal::NotFound("group"))?;
    let mut whole = complete(connection, vec![row]).await?;
    whole.pop().ok_or_else(|| Refusal::NotFound("group").into())
}

/// Adds members to groups.
async fn complete(connection: &mut PgConnection, rows: Vec<Row>) -> StoreResult<Vec<Group>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut members = members_of(connection, &ids).await?;
    rows.into_iter()
        .map(|row| {
            let mode = read_mode(&row.mode)?;
            let mut members = members.remove(&row.id).unwrap_or_default();
            if mode == GroupMode::First {
                for member in &mut members {
                    member.ranges = vec![Range::ALL];
                }
            }
            Ok(Group {
                id: row.id,
                environment_id: row.environment_id,
                environment: row.environment,
                key: row.key,
                name: row.name,
                description: row.description,
                mode,
                salt: row.salt,
                bucket_by: row.bucket_by,
                members,
                version: row.version,
                created_at: row.created_at,
                updated_at: row.updated_at,
            })
        })
        .collect()
}

async fn members_of(connection: &mut PgConnection, ids: &[Uuid]) -> StoreResult<HashMap<Uuid, Vec<Member>>> {
    type MemberRow = (Uuid, Uuid, String, String, Vec<i16>, Vec<i16>);
    let sql = "select group_id, experiments.id, key, status, \
                 array(select range_start from slices where experiment_id = experiments.id \
                   order by range_start), \
                 array(select range_end from slices where experiment_id = experiments.id \
                   order by range_start) \
               from group_members join experiments on experiments.id = experiment_id \
               where group_id = any($1) order by group_id, key collate \"C\"";
    let rows: Vec<MemberRow> = sqlx::query_as(sql).bind(ids).fetch_all(connection).await?;
    let mut by_group: HashMap<Uuid, Vec<Member>> = HashMap::new();
    for (group, experiment_id, experiment_key, status, starts, ends) in rows {
        let status = Status::parse(&status)
            .ok_or_else(|| StoreError::Internal("a stored status cannot be read".to_owned()))?;
        let ranges: StoreResult<Vec<Range>> =
            starts.into_iter().zip(ends).map(|(start, end)| read_range(start, end)).collect();
        let member = Member { experiment_id, experiment_key, status, ranges: ranges? };
        by_group.entry(group).or_default().push(member);
    }
    Ok(by_group)
}
