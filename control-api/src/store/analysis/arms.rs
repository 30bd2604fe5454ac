//! The sums of an experiment's variants as they are stored.

use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::full::push_sums;
use super::reading::Subject;
use super::sums::ArmSums;
use super::totals::Place;
use crate::store::StoreResult;

#[derive(FromRow)]
struct Row {
    variant_id: Uuid,
    exposed: i64,
    sums: Vec<f64>,
}

/// The sums of every variant, in the order of the variants; zeros where nothing is stored yet.
pub(super) async fn read(connection: &mut PgConnection, subject: &Subject) -> StoreResult<Vec<ArmSums>> {
    let sql = "select variant_id, exposed, exact_sums::double precision[] as sums from analysis_arms where experiment_id = $1";
    let rows: Vec<Row> = sqlx::query_as(sql).bind(subject.experiment_id).fetch_all(connection).await?;
    let stored = |id: Uuid| rows.iter().find(|row| row.variant_id == id);
    let arm = |&id: &Uuid| {
        let (exposed, sums) = stored(id).map_or((0, None), |row| (row.exposed, Some(row.sums.clone())));
        ArmSums::new(id, None, exposed, sums, subject.metrics.len())
    };
    Ok(subject.variants.iter().map(arm).collect())
}

/// Pushes the statement that adds `signed (variant_id, sign, c1, …)` to the sums: users with sign 1 are put in
/// with these totals, those with −1 taken out. `exposed` says by how many users variants grow.
pub(super) fn push_change(query: &mut QueryBuilder<Postgres>, subject: &Subject, exposed: &str) {
    query.push(
        "insert into analysis_arms as a (experiment_id, variant_id, exposed, sums, exact_sums) select ",
    );
    query.push_bind(subject.experiment_id);
    query.push(format_args!(", variant_id, {exposed}, '{{}}', array["));
    push_sums(query, subject, Place::Columns("signed"), "sign * ", |_, _| ());
    query.push(
        "]::numeric[] from signed group by variant_id on conflict on constraint analysis_arms_pkey \
         do update set exposed = a.exposed + excluded.exposed, exact_sums = array( \
           select sum + change from unnest(a.exact_sums, excluded.exact_sums) with ordinality \
           as added (sum, change, position) order by position)",
    );
}
