//! Reading holdouts.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, FromRow, PgConnection};
use uuid::Uuid;

use crate::domain::holdout::{Covered, Holdout};
use crate::domain::layer::Layer;
use crate::domain::range::Range;
use crate::domain::reference::ResourceRef;
use crate::domain::refusal::Refusal;
use crate::store::listing::Listing;
use crate::store::{Store, StoreError, StoreResult};

/// The columns of [`Row`].
const COLUMNS: &str = "holdouts.id, environment_id, environments.name as environment, key, holdouts.name, \
     description, salt, bucket_by, ranges::text, covers_all, \
     array(select experiments.key from holdout_experiments \
       join experiments on experiments.id = experiment_id \
       where holdout_id = holdouts.id order by experiments.key collate \"C\") as experiments, \
     holdouts.version, holdouts.created_at, holdouts.updated_at \
     from holdouts join environments on environments.id = environment_id";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    environment_id: Uuid,
    environment: String,
    key: String,
    name: String,
    description: Option<String>,
    salt: String,
    bucket_by: String,
    ranges: String,
    covers_all: bool,
    experiments: Vec<String>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Holdout {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            id: row.id,
            environment_id: row.environment_id,
            environment: row.environment,
            key: row.key,
            name: row.name,
            description: row.description,
            salt: row.salt,
            bucket_by: row.bucket_by,
            ranges: read_ranges(&row.ranges)?,
            experiments: if row.covers_all { Covered::All } else { Covered::Listed(row.experiments) },
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl Store {
    /// One holdout.
    pub async fn holdout(&self, which: &ResourceRef) -> StoreResult<Holdout> {
        let mut connection = self.pool.acquire().await?;
        find(&mut connection, which).await
    }

    /// A page of holdouts, newest first.
    pub async fn holdouts(&self, listing: &Listing) -> StoreResult<Vec<Holdout>> {
        let sql = Listing::sql("holdouts", COLUMNS);
        let mut connection = self.pool.acquire().await?;
        // Safe: constants only.
        let query = sqlx::query_as(AssertSqlSafe(sql));
        let rows: Vec<Row> = listing.bind(query).fetch_all(&mut *connection).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

/// One holdout, or the refusal that there is none.
pub(super) async fn find(connection: &mut PgConnection, which: &ResourceRef) -> StoreResult<Holdout> {
    let (id, environment, key) = which.parts();
    let sql = format!("select {COLUMNS} where holdouts.id = $1 or (environments.name = $2 and key = $3)");
    // Safe: constants only.
    let row: Option<Row> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(id)
        .bind(environment)
        .bind(key)
        .fetch_optional(connection)
        .await?;
    row.ok_or(Refusal::NotFound("holdout"))?.try_into()
}

/// All holdouts of an environment as experiments carry them, by key, each with the experiments that it
/// covers; none: all.
pub(in crate::store) async fn layers(
    connection: &mut PgConnection,
    environment: Uuid,
) -> StoreResult<Vec<(Layer, Option<Vec<Uuid>>)>> {
    type Row = (String, String, String, String, bool, Vec<Uuid>);
    let sql = "select key, salt, bucket_by, ranges::text, covers_all, \
                 array(select experiment_id from holdout_experiments where holdout_id = holdouts.id) \
               from holdouts where environment_id = $1 order by key collate \"C\"";
    let rows: Vec<Row> = sqlx::query_as(sql).bind(environment).fetch_all(connection).await?;
    rows.into_iter()
        .map(|(key, salt, bucket_by, ranges, covers_all, experiments)| {
            let layer = Layer { key, salt, bucket_by, ranges: read_ranges(&ranges)? };
            Ok((layer, (!covers_all).then_some(experiments)))
        })
        .collect()
}

fn read_ranges(json: &str) -> StoreResult<Vec<Range>> {
    serde_json::from_str(json)
        .map_err(|_| StoreError::Internal("stored ranges cannot be read by this program".to_owned()))
}
