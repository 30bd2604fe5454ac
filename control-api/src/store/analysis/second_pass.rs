//! Sums that need a second pass: totals drawn to caps, which a first pass over everybody's totals finds,
//! and quantiles of the events' values.

use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::reading::{Reading, Subject, push_events, push_read_events, push_units, push_variants};
use super::sums::count;
use super::totals::{Place, positions, push_amount, push_counts, push_totals};
use super::{Sums, analysis_transaction};
use crate::domain::metric::Definition;
use crate::store::{Store, StoreResult};

/// Where users and their totals are taken from.
#[derive(Clone, Debug)]
pub enum Source {
    /// The state that [`Store::update_sums`] keeps, at the batch it has come to.
    State {
        /// That batch.
        batch: i64,
    },
    /// The raw rows.
    Raw(Reading),
}

/// One variant's sums of a metric whose totals were drawn to caps.
#[derive(Clone, Debug)]
pub struct Clamped {
    /// The variant.
    pub variant_id: Uuid,
    /// The value of the breakdown's attribute.
    pub segment: Option<String>,
    /// Their sums, after capping.
    pub sums: Sums,
    /// Users whose total was changed.
    pub capped: u64,
    /// The lower cap, if there is one.
    pub lower: Option<f64>,
    /// The upper cap, if there is one.
    pub upper: Option<f64>,
}

/// One variant's quantile of event values.
#[derive(Clone, Debug)]
pub struct Quantiles {
    /// The variant.
    pub variant_id: Uuid,
    /// The value of the breakdown's attribute.
    pub segment: Option<String>,
    /// Values.
    pub n: u64,
    /// The quantile, and those at the two levels around it.
    pub at: [f64; 3],
    /// How the values cluster in users.
    pub clusters: Clusters,
}

/// Values per user: s of them at or below the quantile, l in all.
#[derive(Clone, Copy, Debug, Default, FromRow)]
pub struct Clusters {
    /// Users with values.
    pub users: i64,
    /// Σs.
    pub s: f64,
    /// Σs².
    pub s_sq: f64,
    /// Σl.
    pub l: f64,
    /// Σl².
    pub l_sq: f64,
    /// Σsl.
    pub sl: f64,
}

const INSERT_VALUES: &str = "insert into analysis_values select ";

#[derive(FromRow)]
struct ClampedRow {
    variant_id: Uuid,
    segment: Option<String>,
    exposed: i64,
    sums: Vec<f64>,
    capped: i64,
    lower: Option<f64>,
    upper: Option<f64>,
}

#[derive(FromRow)]
struct Group {
    variant_id: Uuid,
    segment: Option<String>,
    n: i64,
}

impl Store {
    /// The sums of the winsorised metric at `index`: caps from all users together, then the sums.
    pub async fn clamped_sums(
        &self,
        subject: &Subject,
        index: usize,
        source: &Source,
    ) -> StoreResult<Vec<Clamped>> {
        let Some(metric) = subject.metrics.get(index) else { return Ok(Vec::new()) };
        let mut query = QueryBuilder::new("with ");
        push_people(&mut query, subject, metric, index, source);
        push_clamping(&mut query, metric);
        let (_place, mut transaction) = analysis_transaction(&self.pool).await?;
        let rows: Vec<ClampedRow> = query.build_query_as().fetch_all(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// The quantiles of the metric at `index`. `levels` gives the two levels around the metric's own for
    /// a number of values.
    pub async fn quantiles(
        &self,
        subject: &Subject,
        index: usize,
        source: &Source,
        levels: impl Fn(f64, u64) -> (f64, f64) + Send,
    ) -> StoreResult<Vec<Quantiles>> {
        let Some(metric) = subject.metrics.get(index) else { return Ok(Vec::new()) };
        let Some(level) = metric.quantile else { return Ok(Vec::new()) };
        let (_place, mut transaction) = analysis_transaction(&self.pool).await?;
        collect_values(&mut transaction, subject, metric, source).await?;
        let sql = "select variant_id, segment, count(*) as n from analysis_values \
                   group by variant_id, segment order by variant_id, segment";
        let groups: Vec<Group> = sqlx::query_as(sql).fetch_all(&mut *transaction).await?;
        let mut found = Vec::with_capacity(groups.len());
        for group in groups {
            let n = u64::try_from(group.n).unwrap_or_default();
            let (low, high) = levels(level, n);
            let at = values_at(&mut transaction, &group, [level, low, high]).await?;
            let clusters = clusters(&mut transaction, &group, at[0]).await?;
            let Group { variant_id, segment, .. } = group;
            found.push(Quantiles { variant_id, segment, n, at, clusters });
        }
        sqlx::query("drop table analysis_values").execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(found)
    }
}

/// Pushes `people (variant_id, segment, y, x)`: a metric's value and covariate of every user.
fn push_people(
    query: &mut QueryBuilder<Postgres>,
    subject: &Subject,
    metric: &Definition,
    index: usize,
    source: &Source,
) {
    match source {
        Source::State { .. } => {
            let first = positions(&subject.metrics).nth(index).map_or(1, |(first, _)| first);
            let (y, x) = value_and_covariate(Place::Array("exact_totals"), metric, first);
            query.push(format_args!(
                "people as materialized (select variant_id, null::text as segment, {y} as y, {x} as x \
                 from analysis_units where not is_multiple and experiment_id = "
            ));
            query.push_bind(subject.experiment_id).push(")");
        }
        Source::Raw(reading) => {
            push_units(query, subject, reading);
            query.push(", totals as (select u.user_key, array[");
            push_totals(query, metric);
            query.push(
                "]::numeric[] as totals from units as u join events as e on e.user_key = u.user_key where ",
            );
            push_read_events(query, subject, reading);
            let (y, x) = value_and_covariate(Place::Array("totals"), metric, 1);
            query.push(format_args!(
                " group by u.user_key), people as materialized (select v.id as variant_id, \
                 u.segment, {y} as y, {x} as x from units as u join "
            ));
            push_variants(query, subject);
            query.push(
                " on v.arm = u.arm left join totals on totals.user_key = u.user_key \
                 where not u.is_multiple",
            );
            push_mature(query, reading, metric);
            query.push(")");
        }
    }
}

fn value_and_covariate(place: Place, metric: &Definition, first: usize) -> (String, String) {
    let has_x = metric.pre_period_seconds.is_some();
    (place.value(metric, first), if has_x { place.covariate(metric, first) } else { "0::numeric".to_owned() })
}

/// Pushes that the metric's window of user `u` must have closed, if that is asked for.
fn push_mature(query: &mut QueryBuilder<Postgres>, reading: &Reading, metric: &Definition) {
    if let Some(until) = reading.mature_until(metric) {
        query.push(" and u.first_at <= ").push_bind(until);
    }
}

fn push_clamping(query: &mut QueryBuilder<Postgres>, metric: &Definition) {
    query.push(", caps as (select ");
    for (name, share, rest) in
        [("lower", metric.winsor_lower, ", "), ("upper", metric.winsor_upper, " from people")]
    {
        match share {
            None => drop(query.push("null::numeric")),
            Some(share) => {
                query.push("percentile_disc((select analysis_share(").push_bind(share);
                query.push(", count(*)) from people)) within group (order by y)");
            }
        }
        query.push(format_args!(" as {name}{rest}"));
    }
    query.push(
        "), drawn as (select variant_id, segment, lower, upper, \
         least(greatest(y, coalesce(lower, y)), coalesce(upper, y)) as y, \
         least(greatest(x, coalesce(lower, x)), coalesce(upper, x)) as x, \
         coalesce(y < lower, false) or coalesce(y > upper, false) as is_capped from people, caps) \
         select variant_id, segment, count(*) as exposed, \
         array[sum(y), sum(y * y), sum(x), sum(x * x), sum(x * y), sum((y <> 0)::int)]::double precision[] \
         as sums, count(*) filter (where is_capped) as capped, min(lower)::double precision as lower, \
         min(upper)::double precision as upper \
         from drawn group by variant_id, segment order by variant_id, segment",
    );
}

/// Makes the table of all values that count, each with its user and variant.
async fn collect_values(
    connection: &mut PgConnection,
    subject: &Subject,
    metric: &Definition,
    source: &Source,
) -> StoreResult<()> {
    sqlx::query(
        "create temp table analysis_values (variant_id uuid not null, segment text, \
         user_key bytea not null, value double precision not null) on commit drop",
    )
    .execute(&mut *connection)
    .await?;
    let mut query = QueryBuilder::new("");
    match source {
        Source::State { batch } => {
            query.push(INSERT_VALUES);
            query.push("u.variant_id, null, ");
            push_value_from(&mut query, metric);
            query.push("analysis_units as u on u.user_key = e.user_key and u.experiment_id = ");
            query.push_bind(subject.experiment_id).push(" where not u.is_multiple and ");
            push_events(&mut query, subject);
            query.push(" and e.batch <= ").push_bind(*batch);
        }
        Source::Raw(reading) => {
            query.push("with ");
            push_units(&mut query, subject, reading);
            query.push(" ");
            query.push(INSERT_VALUES);
            query.push("v.id, u.segment, ");
            push_value_from(&mut query, metric);
            query.push("units as u on u.user_key = e.user_key join ");
            push_variants(&mut query, subject);
            query.push(" on v.arm = u.arm where not u.is_multiple");
            push_mature(&mut query, reading, metric);
            query.push(" and ");
            push_read_events(&mut query, subject, reading);
        }
    }
    query.push(" and ");
    push_counts(&mut query, metric);
    query.push(" and ");
    push_amount(&mut query, metric.value_property.as_deref());
    query.push(" is not null");
    query.build().execute(connection).await?;
    Ok(())
}

fn push_value_from(query: &mut QueryBuilder<Postgres>, metric: &Definition) {
    query.push("e.user_key, ");
    push_amount(query, metric.value_property.as_deref());
    query.push(" from events as e join ");
}

async fn values_at(connection: &mut PgConnection, group: &Group, levels: [f64; 3]) -> StoreResult<[f64; 3]> {
    let sql = "select percentile_disc(array[analysis_share($3, $6), analysis_share($4, $6), \
               analysis_share($5, $6)]) within group (order by value) from analysis_values where variant_id = $1 and segment is not distinct from $2";
    let values: Option<Vec<f64>> = sqlx::query_scalar(sql)
        .bind(group.variant_id)
        .bind(&group.segment)
        .bind(levels[0])
        .bind(levels[1])
        .bind(levels[2])
        .bind(group.n)
        .fetch_one(connection)
        .await?;
    let mut values = values.unwrap_or_default().into_iter();
    Ok([(); 3].map(|()| values.next().unwrap_or_default()))
}

async fn clusters(connection: &mut PgConnection, group: &Group, at: f64) -> StoreResult<Clusters> {
    let sql = "select count(*) as users, coalesce(sum(s), 0) as s, coalesce(sum(s * s), 0) as s_sq, \
               coalesce(sum(l), 0) as l, coalesce(sum(l * l), 0) as l_sq, coalesce(sum(s * l), 0) as sl \
               from (select count(*) filter (where value <= $3)::double precision as s, \
                 count(*)::double precision as l from analysis_values \
                 where variant_id = $1 and segment is not distinct from $2 group by user_key) as users";
    let found = sqlx::query_as(sql).bind(group.variant_id).bind(&group.segment).bind(at);
    Ok(found.fetch_one(connection).await?)
}

impl From<ClampedRow> for Clamped {
    fn from(row: ClampedRow) -> Self {
        let ClampedRow { variant_id, segment, exposed, sums, capped, lower, upper } = row;
        let mut numbers = sums.into_iter();
        let mut next = || numbers.next().unwrap_or_default();
        let (y, y_sq, x, x_sq, xy) = (next(), next(), next(), next(), next());
        let non_zero = count(next());
        let whole = |number: i64| u64::try_from(number).unwrap_or_default();
        let sums = Sums { y, y_sq, x, x_sq, xy, non_zero, n: whole(exposed), ..Sums::default() };
        Self { variant_id, segment, sums, capped: whole(capped), lower, upper }
    }
}
