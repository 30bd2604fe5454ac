//! Everything made anew from the raw rows: the definition of what the incremental sums come to.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};

use super::reading::{Reading, Subject, Summary, push_read_events, push_units};
use super::sums::ArmSums;
use super::totals::{Place, TOTALS, push_totals};
use super::{analysis_transaction, variant_at};
use crate::store::{Store, StoreResult};

#[derive(FromRow)]
struct Row {
    arm: Option<i64>,
    segment: Option<String>,
    exposed: Option<i64>,
    sums: Option<Vec<f64>>,
    excluded: i64,
    first_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Summarises an experiment from exposures and events. Costs what the tables hold.
    pub async fn summarise(&self, subject: &Subject, reading: &Reading) -> StoreResult<Summary> {
        let (_place, mut transaction) = analysis_transaction(&self.pool).await?;
        let summary = summarise(&mut transaction, subject, reading).await?;
        transaction.commit().await?;
        Ok(summary)
    }
}

async fn summarise(
    connection: &mut PgConnection,
    subject: &Subject,
    reading: &Reading,
) -> StoreResult<Summary> {
    let mut query = statement(subject, reading);
    let rows: Vec<Row> = query.build_query_as().fetch_all(connection).await?;
    let mut summary = Summary { arms: Vec::new(), excluded: 0, first_exposed_at: None };
    for row in rows {
        summary.excluded = u64::try_from(row.excluded).unwrap_or_default();
        summary.first_exposed_at = row.first_at;
        let Some(variant_id) = row.arm.and_then(|arm| variant_at(subject, arm)) else { continue };
        let exposed = row.exposed.unwrap_or_default();
        let metrics = subject.metrics.len();
        summary.arms.push(ArmSums::new(variant_id, row.segment, exposed, row.sums, metrics));
    }
    Ok(summary)
}

/// Users from exposures, their totals from events, the sums from their totals.
fn statement(subject: &Subject, reading: &Reading) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new("with ");
    push_units(&mut query, subject, reading);
    query.push(", totals as (select u.arm, u.segment");
    for metric in &subject.metrics {
        query.push(", ");
        push_totals(&mut query, metric);
    }
    query.push(" from units as u join events as e on e.user_key = u.user_key where not u.is_multiple and ");
    push_read_events(&mut query, subject, reading);
    // The columns get their names here: `push_totals` gives none.
    query.push(" group by u.user_key, u.arm, u.segment), named (arm, segment");
    for position in 1..=subject.metrics.len() * TOTALS {
        query.push(format_args!(", c{position}"));
    }
    query.push(
        ") as (select * from totals), \
         arms as (select arm, segment, count(*) as exposed from units where not is_multiple group by arm, segment), \
         sums as (select arm, segment, array[",
    );
    push_sums(&mut query, subject, Place::Columns("named"), "");
    query.push(
        "]::double precision[] as sums from named group by arm, segment) \
         select arms.arm, arms.segment, arms.exposed, sums.sums, \
         (select count(*) from units where is_multiple) as excluded, \
         (select min(first_at) from units) as first_at \
         from (select) as one left join arms on true \
         left join sums on sums.arm = arms.arm and sums.segment is not distinct from arms.segment \
         order by arms.arm, arms.segment collate \"C\"",
    );
    query
}

/// Pushes the sums of all metrics, each term times `factor`.
pub(super) fn push_sums(query: &mut QueryBuilder<Postgres>, subject: &Subject, place: Place, factor: &str) {
    let mut separator = "";
    for (index, metric) in subject.metrics.iter().enumerate() {
        for term in place.terms(metric, index) {
            query.push(separator);
            if term == "0" {
                query.push("0");
            } else {
                query.push(format_args!("sum({factor}({term}))"));
            }
            separator = ", ";
        }
    }
}
