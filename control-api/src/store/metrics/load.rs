//! Reading metrics.

use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::row::{COLUMNS, MetricRow};
use crate::domain::metric::{Metric, MetricRef};
use crate::domain::refusal::Refusal;
use crate::store::listing::Listing;
use crate::store::{Store, StoreResult};

impl Store {
    /// One metric.
    pub async fn metric(&self, which: &MetricRef) -> StoreResult<Metric> {
        let mut connection = self.pool.acquire().await?;
        find(&mut connection, which, "").await
    }

    /// A page of metrics, newest first.
    pub async fn metrics(&self, listing: &Listing) -> StoreResult<Vec<Metric>> {
        let sql = Listing::sql("metrics", COLUMNS);
        // Safe: constants only.
        let query = sqlx::query_as(AssertSqlSafe(sql));
        let rows: Vec<MetricRow> = listing.bind(query).fetch_all(&self.pool).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// The metrics of an environment that these keys name, in the order of the keys; keys that name none
    /// are left out.
    pub async fn metrics_by_key(&self, environment: Uuid, keys: &[String]) -> StoreResult<Vec<Metric>> {
        let mut connection = self.pool.acquire().await?;
        by_key(&mut connection, environment, keys).await
    }

    /// The keys of the experiments that name a metric, archived ones included.
    pub async fn metric_users(&self, metric: &Metric) -> StoreResult<Vec<String>> {
        let mut connection = self.pool.acquire().await?;
        users(&mut connection, metric).await
    }
}

/// The metrics of an environment that these keys name, in the order of the keys.
pub(in crate::store) async fn by_key(
    connection: &mut PgConnection,
    environment: Uuid,
    keys: &[String],
) -> StoreResult<Vec<Metric>> {
    let sql = format!(
        "select {COLUMNS} where environment_id = $1 and key = any($2) order by array_position($2, key)"
    );
    // Safe: constants only.
    let rows: Vec<MetricRow> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(environment).bind(keys).fetch_all(connection).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// One metric, or the refusal that there is none; `lock` is the end of the statement.
pub(super) async fn find(
    connection: &mut PgConnection,
    which: &MetricRef,
    lock: &str,
) -> StoreResult<Metric> {
    let (id, environment, key) = match which {
        MetricRef::Id(id) => (Some(id), None, None),
        MetricRef::Key { environment, key } => (None, Some(environment), Some(key)),
    };
    let sql =
        format!("select {COLUMNS} where metrics.id = $1 or (environments.name = $2 and key = $3){lock}");
    // Safe: constants only.
    let row: Option<MetricRow> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(id)
        .bind(environment)
        .bind(key)
        .fetch_optional(connection)
        .await?;
    row.ok_or(Refusal::NotFound("metric"))?.try_into()
}

pub(super) async fn users(connection: &mut PgConnection, metric: &Metric) -> StoreResult<Vec<String>> {
    let sql = "select key from experiments where environment_id = $1 and metrics @> array[$2] \
               order by key collate \"C\"";
    let keys = sqlx::query_scalar(sql).bind(metric.environment_id).bind(&metric.key);
    Ok(keys.fetch_all(connection).await?)
}
