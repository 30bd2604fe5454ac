//! Reading segments.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, FromRow, PgConnection};
use uuid::Uuid;

use crate::domain::reference::ResourceRef;
use crate::domain::refusal::Refusal;
use crate::domain::segment::{Segment, Segments};
use crate::store::listing::Listing;
use crate::store::{Store, StoreError, StoreResult};

/// The columns of [`Row`].
const COLUMNS: &str = "segments.id, environment_id, environments.name as environment, key, segments.name, \
     description, rules::text, segments.version, segments.created_at, segments.updated_at \
     from segments join environments on environments.id = environment_id";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    environment_id: Uuid,
    environment: String,
    key: String,
    name: String,
    description: Option<String>,
    rules: String,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Segment {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            id: row.id,
            environment_id: row.environment_id,
            environment: row.environment,
            key: row.key,
            name: row.name,
            description: row.description,
            rules: read_rules(&row.rules)?,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl Store {
    /// One segment.
    pub async fn segment(&self, which: &ResourceRef) -> StoreResult<Segment> {
        let mut connection = self.pool.acquire().await?;
        find(&mut connection, which).await
    }

    /// A page of segments, newest first.
    pub async fn segments(&self, listing: &Listing) -> StoreResult<Vec<Segment>> {
        let sql = Listing::sql("segments", COLUMNS);
        let mut connection = self.pool.acquire().await?;
        // Safe: constants only.
        let query = sqlx::query_as(AssertSqlSafe(sql));
        let rows: Vec<Row> = listing.bind(query).fetch_all(&mut *connection).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

/// One segment, or the refusal that there is none.
pub(super) async fn find(connection: &mut PgConnection, which: &ResourceRef) -> StoreResult<Segment> {
    let (id, environment, key) = which.parts();
    let sql = format!("select {COLUMNS} where segments.id = $1 or (environments.name = $2 and key = $3)");
    // Safe: constants only.
    let row: Option<Row> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(id)
        .bind(environment)
        .bind(key)
        .fetch_optional(connection)
        .await?;
    row.ok_or(Refusal::NotFound("segment"))?.try_into()
}

/// The rules of all segments of an environment, by key.
pub async fn of_environment(connection: &mut PgConnection, environment: Uuid) -> StoreResult<Segments> {
    let sql = "select key, rules::text from segments where environment_id = $1";
    let rows: Vec<(String, String)> = sqlx::query_as(sql).bind(environment).fetch_all(connection).await?;
    rows.into_iter().map(|(key, rules)| Ok((key, read_rules(&rules)?))).collect()
}

fn read_rules<T: serde::de::DeserializeOwned>(json: &str) -> StoreResult<T> {
    serde_json::from_str(json)
        .map_err(|_| StoreError::Internal("stored rules cannot be read by this program".to_owned()))
}
