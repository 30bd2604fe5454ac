//! The sums of an experiment's variants as they are stored.

use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::reading::Subject;
use super::sums::ArmSums;
use crate::store::StoreResult;

#[derive(FromRow)]
struct Row {
    variant_id: Uuid,
    exposed: i64,
    sums: Vec<f64>,
}

/// The sums of every variant, in the order of the variants; zeros where nothing is stored yet.
pub(super) async fn read(connection: &mut PgConnection, subject: &Subject) -> StoreResult<Vec<ArmSums>> {
    let sql = "select variant_id, exposed, sums from analysis_arms where experiment_id = $1";
    let rows: Vec<Row> = sqlx::query_as(sql).bind(subject.experiment_id).fetch_all(connection).await?;
    let stored = |id: Uuid| rows.iter().find(|row| row.variant_id == id);
    let arm = |&id: &Uuid| {
        let (exposed, sums) = stored(id).map_or((0, None), |row| (row.exposed, Some(row.sums.clone())));
        ArmSums::new(id, None, exposed, sums, subject.metrics.len())
    };
    Ok(subject.variants.iter().map(arm).collect())
}

/// Writes the sums of every variant.
pub(super) async fn write(
    connection: &mut PgConnection,
    subject: &Subject,
    arms: &[ArmSums],
) -> StoreResult<()> {
    let sql = "insert into analysis_arms (experiment_id, variant_id, exposed, sums) \
               values ($1, $2, $3, $4) on conflict on constraint analysis_arms_pkey \
               do update set exposed = excluded.exposed, sums = excluded.sums";
    for arm in arms {
        sqlx::query(sql)
            .bind(subject.experiment_id)
            .bind(arm.variant_id)
            .bind(i64::try_from(arm.exposed).unwrap_or(i64::MAX))
            .bind(arm.numbers())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
