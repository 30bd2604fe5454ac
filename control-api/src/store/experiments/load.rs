//! Reading experiments.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::attached::Attached;
use super::row::{AllocationRow, COLUMNS, ExperimentRow, VariantRow};
use crate::domain::allocation::Allocation;
use crate::domain::experiment::{Experiment, ExperimentRef};
use crate::domain::refusal::Refusal;
use crate::domain::variant::Variant;
use crate::store::{Store, StoreResult, references};

/// Whether the rows are held until the transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Lock {
    /// Just look.
    None,
    /// Nobody else changes it meanwhile.
    Update,
}

impl Store {
    /// One experiment with everything that belongs to it.
    pub async fn experiment(&self, which: &ExperimentRef) -> StoreResult<Experiment> {
        let mut connection = self.pool.acquire().await?;
        find(&mut connection, which, Lock::None).await
    }
}

/// One experiment, or the refusal that there is none.
pub(in crate::store) async fn find(
    connection: &mut PgConnection,
    which: &ExperimentRef,
    lock: Lock,
) -> StoreResult<Experiment> {
    let (id, environment, key) = match which {
        ExperimentRef::Id(id) => (Some(id), None, None),
        ExperimentRef::Key { environment, key } => (None, Some(environment), Some(key)),
    };
    let lock = if lock == Lock::Update { " for no key update of experiments" } else { "" };
    let sql =
        format!("select {COLUMNS} where experiments.id = $1 or (environments.name = $2 and key = $3){lock}");
    // Safe: constants only.
    let row: Option<ExperimentRow> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(id)
        .bind(environment)
        .bind(key)
        .fetch_optional(&mut *connection)
        .await?;
    let row = row.ok_or(Refusal::NotFound("experiment"))?;
    let mut whole = complete(connection, vec![row]).await?;
    whole.pop().ok_or_else(|| Refusal::NotFound("experiment").into())
}

/// What an environment would publish, by key. With a lock the rows and what they refer to are held, so
/// that no edit comes between the reading of an experiment and the reading of its variants, or of its group.
pub(in crate::store) async fn publishable(
    connection: &mut PgConnection,
    environment: Uuid,
    lock: Lock,
) -> StoreResult<Vec<Experiment>> {
    if lock == Lock::Update {
        references::lock_shared(connection, environment).await?;
    }
    let lock = if lock == Lock::Update { " for share of experiments" } else { "" };
    let sql = format!(
        "select {COLUMNS} where environment_id = $1 and status in ('RUNNING', 'CONCLUDED') \
         order by key collate \"C\"{lock}"
    );
    // Safe: constants only.
    let rows: Vec<ExperimentRow> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(environment).fetch_all(&mut *connection).await?;
    complete(connection, rows).await
}

/// Of what an environment would publish, the experiments with one of these keys, and those in one of these
/// groups.
pub(in crate::store) async fn publishable_among(
    connection: &mut PgConnection,
    environment: Uuid,
    keys: &[String],
    groups: &[Uuid],
) -> StoreResult<Vec<Experiment>> {
    let sql = format!(
        "select {COLUMNS} where environment_id = $1 and status in ('RUNNING', 'CONCLUDED') \
         and (key = any($2) or experiments.id in \
              (select experiment_id from group_members where group_id = any($3))) \
         order by key collate \"C\""
    );
    // Safe: constants only.
    let rows: Vec<ExperimentRow> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(environment)
        .bind(keys)
        .bind(groups)
        .fetch_all(&mut *connection)
        .await?;
    complete(connection, rows).await
}

/// The experiments of an environment that name a metric, archived ones included.
pub(in crate::store) async fn naming(
    connection: &mut PgConnection,
    environment: Uuid,
    metric: &str,
) -> StoreResult<Vec<Experiment>> {
    let sql = format!(
        "select {COLUMNS} where environment_id = $1 and metrics @> array[$2] order by experiments.id"
    );
    // Safe: constants only.
    let rows: Vec<ExperimentRow> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(environment).bind(metric).fetch_all(&mut *connection).await?;
    complete(connection, rows).await
}

/// Adds to experiments what stands in other tables.
pub(super) async fn complete(
    connection: &mut PgConnection,
    rows: Vec<ExperimentRow>,
) -> StoreResult<Vec<Experiment>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut variants = variants_of(connection, &ids).await?;
    let mut allocations = allocations_of(connection, &ids).await?;
    let mut environments: Vec<Uuid> = rows.iter().map(|row| row.environment_id).collect();
    environments.sort_unstable();
    environments.dedup();
    let mut attached = Attached::read(connection, &ids, &environments).await?;
    rows.into_iter()
        .map(|row| {
            let variants = variants.remove(&row.id).unwrap_or_default();
            let allocations = allocations.remove(&row.id).unwrap_or_default();
            row.into_experiment(variants, allocations, &mut attached)
        })
        .collect()
}

async fn variants_of(
    connection: &mut PgConnection,
    ids: &[Uuid],
) -> StoreResult<HashMap<Uuid, Vec<Variant>>> {
    let sql = "select experiment_id, id, key, name, payload::text, version, created_at, updated_at \
               from variants where experiment_id = any($1) order by experiment_id, position";
    let rows: Vec<VariantRow> = sqlx::query_as(sql).bind(ids).fetch_all(connection).await?;
    let mut by_experiment: HashMap<Uuid, Vec<Variant>> = HashMap::new();
    for row in rows {
        by_experiment.entry(row.experiment_id).or_default().push(row.try_into()?);
    }
    Ok(by_experiment)
}

async fn allocations_of(
    connection: &mut PgConnection,
    ids: &[Uuid],
) -> StoreResult<HashMap<Uuid, Vec<Allocation>>> {
    let sql = "select experiment_id, variant_id, range_start, range_end from allocations \
               where experiment_id = any($1) order by experiment_id, range_start";
    let rows: Vec<AllocationRow> = sqlx::query_as(sql).bind(ids).fetch_all(connection).await?;
    let mut by_experiment: HashMap<Uuid, Vec<Allocation>> = HashMap::new();
    for row in rows {
        by_experiment.entry(row.experiment_id).or_default().push(row.try_into()?);
    }
    Ok(by_experiment)
}
