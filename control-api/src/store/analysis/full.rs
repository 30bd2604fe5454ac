//! Everything made anew from the raw rows: the definition of what the incremental sums come to.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgPool, Postgres, QueryBuilder};

use super::reading::{Reading, Slice, Subject, Summary, push_read_events, push_slice, push_users};
use super::sums::ArmSums;
use super::totals::{Place, positions, push_all_totals, total_count};
use super::{analysis_transaction, variant_at};
use crate::domain::metric::Definition;
use crate::store::{Store, StoreResult};

/// What a slice's users of one variant and segment come to.
#[derive(FromRow)]
struct Row {
    arm: i64,
    is_multiple: bool,
    segment: Option<String>,
    first_at: DateTime<Utc>,
    exposed: i64,
    /// Decimals, exact.
    sums: Vec<String>,
}

impl Store {
    /// Summarises an experiment from exposures and events. Costs what the tables hold.
    pub async fn summarise(&self, subject: &Subject, reading: &Reading) -> StoreResult<Summary> {
        let half = |index| Reading { slice: Some(Slice { index, of: 2 }), ..reading.clone() };
        let mut rows = Vec::new();
        if reading.slice.is_some() {
            rows.extend(read_users(&self.pool, subject, reading).await?);
        } else {
            // Half of the users on a connection each: the database cannot do it by itself, since a user's rows
            // have to come together before they can be added to others'.
            let (one, other) = (half(0), half(1));
            let (one, other) = tokio::try_join!(
                read_users(&self.pool, subject, &one),
                read_users(&self.pool, subject, &other)
            )?;
            rows.extend(one);
            rows.extend(other);
        }
        let first_exposed_at = rows.iter().map(|row| row.first_at).min();
        let (multiple, rows): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.is_multiple);
        let excluded = multiple.iter().map(|row| u64::try_from(row.exposed).unwrap_or_default()).sum();
        let arms = add_up(&self.pool, subject, rows).await?;
        Ok(Summary { arms, excluded, first_exposed_at })
    }
}

async fn read_users(pool: &PgPool, subject: &Subject, reading: &Reading) -> StoreResult<Vec<Row>> {
    let (_place, mut transaction) = analysis_transaction(pool).await?;
    // Sorting all users' events takes several times as long as hashing them, which the planner does not believe.
    sqlx::query("set local enable_sort = off").execute(&mut *transaction).await?;
    let rows = statement(subject, reading).build_query_as().fetch_all(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(rows)
}

/// Users from exposures, their totals from events, the sums from their totals.
fn statement(subject: &Subject, reading: &Reading) -> QueryBuilder<Postgres> {
    let segment = if reading.dimension.is_some() { "min(u.segment)" } else { "null::text" };
    let mut query = QueryBuilder::new("with users (arm, is_multiple, segment, first_at");
    for position in 1..=total_count(&subject.metrics) {
        query.push(format_args!(", c{position}"));
    }
    // Grouped by the key alone, on which all else depends.
    query.push(format_args!(") as (select min(u.arm), bool_or(u.is_multiple), {segment}, min(u.first_at)"));
    if !subject.metrics.is_empty() {
        query.push(", ");
    }
    push_all_totals(&mut query, &subject.metrics);
    query.push(" from (");
    push_users(&mut query, subject, reading);
    query.push(") as u left join events as e on e.user_key = u.user_key and not u.is_multiple and ");
    push_read_events(&mut query, subject, reading);
    push_slice(&mut query, "e", reading.slice);
    query.push(
        " group by u.user_key) \
         select arm, is_multiple, segment, min(first_at) as first_at, count(*) as exposed, array[",
    );
    push_sums(&mut query, subject, Place::Columns("users"), "", |query, metric| {
        if let Some(until) = reading.mature_until(metric) {
            query.push(" filter (where first_at <= ").push_bind(until).push(")");
        }
    });
    query.push("]::numeric[]::text[] as sums from users group by arm, is_multiple, segment");
    query
}

/// Pushes the sums of all metrics, each term times `factor`, with a filter that `push_filter` may add.
pub(super) fn push_sums(
    query: &mut QueryBuilder<Postgres>,
    subject: &Subject,
    place: Place,
    factor: &str,
    push_filter: impl Fn(&mut QueryBuilder<Postgres>, &Definition),
) {
    let mut separator = "";
    for (first, metric) in positions(&subject.metrics) {
        for term in place.terms(metric, first) {
            query.push(separator);
            if term == "0" {
                query.push("0");
            } else {
                query.push(format_args!("coalesce(sum({factor}({term}))"));
                push_filter(query, metric);
                query.push(", 0)");
            }
            separator = ", ";
        }
    }
}

/// Adds up slices. The database does it, as it has decimals.
async fn add_up(pool: &PgPool, subject: &Subject, rows: Vec<Row>) -> StoreResult<Vec<ArmSums>> {
    let mut arms: Vec<(i64, Option<String>, i64)> = Vec::new();
    let (mut places, mut positions, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let known = arms.iter().position(|(arm, segment, _)| (*arm, segment) == (row.arm, &row.segment));
        let place = known.unwrap_or_else(|| {
            arms.push((row.arm, row.segment, 0));
            arms.len() - 1
        });
        if let Some((_, _, exposed)) = arms.get_mut(place) {
            *exposed += row.exposed;
        }
        for (position, number) in row.sums.into_iter().enumerate() {
            places.push(i64::try_from(place).unwrap_or(i64::MAX));
            positions.push(i64::try_from(position).unwrap_or(i64::MAX));
            numbers.push(number);
        }
    }
    let sql = "select array_agg(number order by position) as numbers from ( \
                 select place, position, sum(number::numeric)::double precision as number \
                 from unnest($1::bigint[], $2::bigint[], $3::text[]) as _ (place, position, number) \
                 group by place, position) as added group by place order by place";
    let added = sqlx::query_scalar(sql).bind(&places).bind(&positions).bind(&numbers);
    let mut added: std::vec::IntoIter<Vec<f64>> = added.fetch_all(pool).await?.into_iter();
    // In the order of the variants, and by segment.
    let mut found: Vec<(i64, ArmSums)> = Vec::with_capacity(arms.len());
    for (arm, segment, exposed) in arms {
        let Some(variant_id) = variant_at(subject, arm) else { continue };
        found.push((arm, ArmSums::new(variant_id, segment, exposed, added.next(), subject.metrics.len())));
    }
    found.sort_by(|(arm, sums), (other_arm, other)| (arm, &sums.segment).cmp(&(other_arm, &other.segment)));
    Ok(found.into_iter().map(|(_, sums)| sums).collect())
}
