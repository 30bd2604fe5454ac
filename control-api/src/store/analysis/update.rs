//! Keeping an experiment's sums up to date: new events cost what they are.
//!
//! A user who is newly exposed, was exposed earlier than known, or turns up in a second variant is taken
//! out of the sums and put in again from all of their events. Of everybody else only the new events are
//! read: they change the user's totals, and the sums by the difference.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};

use super::reading::{Subject, push_counted_exposures, push_events, push_variants};
use super::sums::ArmSums;
use super::totals::{Place, push_all_totals, total_count};
use super::{analysis_transaction, arms, counts, progress};
use crate::store::analysis::Progress;
use crate::store::events::Watermark;
use crate::store::{Store, StoreResult};

/// What changed among users.
#[derive(FromRow)]
struct Changed {
    users: i64,
    excluded: i64,
    first_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Brings the sums of an experiment up to a watermark, and gives them; they never go back.
    pub async fn update_sums(
        &self,
        subject: &Subject,
        to: Watermark,
    ) -> StoreResult<(Progress, Vec<ArmSums>)> {
        let (_place, mut transaction) = analysis_transaction(&self.pool).await?;
        let mut progress = progress::hold(&mut transaction, subject).await?;
        if progress.batch < to.batch {
            advance(&mut transaction, subject, &mut progress, to).await?;
        }
        let sums = arms::read(&mut transaction, subject).await?;
        transaction.commit().await?;
        Ok((progress, sums))
    }
}

async fn advance(
    connection: &mut PgConnection,
    subject: &Subject,
    progress: &mut Progress,
    to: Watermark,
) -> StoreResult<()> {
    let span = Span { after: progress.batch, to: to.batch };
    if span.after == 0 {
        // As in `full`: everybody's events are better hashed than sorted.
        sqlx::query("set local enable_sort = off").execute(&mut *connection).await?;
    }
    let changed = find_changed(connection, subject, span).await?;
    if changed.users > 0 {
        put_in_again(connection, subject, span).await?;
    }
    // From the very beginning everybody is new.
    if span.after > 0 {
        add_events(connection, subject, span, progress.counted).await?;
    } else {
        counts::add_events(connection, subject, progress.counted, to.batch).await?;
    }
    counts::add_exposures(connection, subject, progress.counted, to.batch).await?;
    sqlx::query("drop table analysis_changed").execute(&mut *connection).await?;
    progress.batch = to.batch;
    progress.counted = progress.counted.max(to.batch);
    progress.at = to.at;
    progress.excluded += u64::try_from(changed.excluded).unwrap_or_default();
    progress.first_exposed_at = progress.first_exposed_at.into_iter().chain(changed.first_at).min();
    progress.second_pass = None;
    progress::write(connection, subject, progress).await
}

/// Batches after one and up to another.
#[derive(Clone, Copy)]
struct Span {
    after: i64,
    to: i64,
}

impl Span {
    fn push(self, query: &mut QueryBuilder<Postgres>, table: &str) {
        query.push(format_args!(" and {table}.batch > ")).push_bind(self.after);
        query.push(format_args!(" and {table}.batch <= ")).push_bind(self.to);
    }
}

/// Makes the table of the users whose variant or first exposure the new exposures change.
async fn find_changed(connection: &mut PgConnection, subject: &Subject, span: Span) -> StoreResult<Changed> {
    // Parameters are not allowed in `create table as`.
    sqlx::query(
        "create temp table analysis_changed (user_key bytea not null, variant_id uuid not null, \
         first_at timestamptz not null, is_multiple boolean not null, old_variant_id uuid, \
         old_totals numeric[]) on commit drop",
    )
    .execute(&mut *connection)
    .await?;
    let mut query = QueryBuilder::new(
        "insert into analysis_changed \
         select n.user_key, v.id, least(n.first_at, o.first_at), \
         n.low <> n.high or coalesce(o.variant_id <> v.id, false), o.variant_id, o.exact_totals \
         from (select x.user_key, min(v.arm) as low, max(v.arm) as high, min(x.occurred_at) as first_at \
           from exposures as x join ",
    );
    push_variants(&mut query, subject);
    query.push(" on v.id = x.variant_id where ");
    push_counted_exposures(&mut query, subject);
    span.push(&mut query, "x");
    query.push(" group by x.user_key) as n join ");
    push_variants(&mut query, subject);
    query.push(" on v.arm = n.low left join analysis_units as o on o.experiment_id = ");
    query.push_bind(subject.experiment_id);
    query.push(
        " and o.user_key = n.user_key where o.user_key is null or (not o.is_multiple and \
         (n.first_at < o.first_at or n.low <> n.high or o.variant_id <> v.id))",
    );
    query.build().execute(&mut *connection).await?;
    sqlx::query("analyze analysis_changed").execute(&mut *connection).await?;
    let sql = "select count(*) as users, count(*) filter (where is_multiple) as excluded, \
               min(first_at) as first_at from analysis_changed";
    Ok(sqlx::query_as(sql).fetch_one(connection).await?)
}

/// Takes the changed users out of the sums and puts them in again.
async fn put_in_again(connection: &mut PgConnection, subject: &Subject, span: Span) -> StoreResult<()> {
    let mut query = QueryBuilder::new("with fresh as materialized (select u.user_key, array[");
    push_all_totals(&mut query, &subject.metrics);
    query.push(
        "]::numeric[] as totals from analysis_changed as u \
         join events as e on e.user_key = u.user_key where not u.is_multiple and ",
    );
    push_events(&mut query, subject);
    query.push(" and e.batch <= ").push_bind(span.to);
    // Users who are new cannot be there, and go in in order: both spare the index and the log work.
    query.push(
        " group by u.user_key), inserted as (insert into analysis_units \
         (experiment_id, user_key, variant_id, first_at, is_multiple, exact_totals) select ",
    );
    query.push_bind(subject.experiment_id);
    query.push(
        ", c.user_key, c.variant_id, c.first_at, c.is_multiple, fresh.totals \
         from analysis_changed as c left join fresh on fresh.user_key = c.user_key \
         where c.old_variant_id is null order by c.user_key), \
         updated as (update analysis_units as o set first_at = c.first_at, is_multiple = c.is_multiple, \
         exact_totals = fresh.totals from analysis_changed as c left join fresh on fresh.user_key = c.user_key \
         where c.old_variant_id is not null and o.user_key = c.user_key and o.experiment_id = ",
    );
    query.push_bind(subject.experiment_id);
    query.push(
        "), \
         changes as (select c.variant_id, 1 as sign, fresh.totals from analysis_changed as c \
           left join fresh on fresh.user_key = c.user_key where not c.is_multiple \
         union all select old_variant_id, -1, old_totals from analysis_changed \
           where old_variant_id is not null), \
         signed as materialized (select variant_id, sign",
    );
    for position in 1..=total_count(&subject.metrics) {
        query.push(format_args!(", {} as c{position}", Place::Array("totals").total(position)));
    }
    query.push(" from changes) ");
    arms::push_change(&mut query, subject, "sum(sign)::bigint");
    query.build().execute(connection).await?;
    Ok(())
}

/// Adds the new events: to the counts those of everybody, to the sums those of users that did not change.
///
/// Each user is looked up once, by key, and written by the row's place, so that the planner cannot take new
/// events, whose number it underestimates, or users, whom it would rather read all, for something else. Nobody
/// else writes these rows, as the experiment's progress is held.
async fn add_events(
    connection: &mut PgConnection,
    subject: &Subject,
    span: Span,
    counted: i64,
) -> StoreResult<()> {
    if subject.metrics.is_empty() {
        return Ok(());
    }
    // Users come in order: one remembered is one too many.
    sqlx::query("set local enable_memoize = off").execute(&mut *connection).await?;
    let mut query = QueryBuilder::new("with seen as materialized (");
    push_seen(&mut query, subject, span);
    query.push("), counted as (");
    counts::push_insert(&mut query, subject);
    query.push("select variant_id, event_name from seen where occurred_at >= first_at and batch > ");
    query.push_bind(counted);
    counts::push_end(&mut query);
    query.push("), more (place");
    let positions = 1..=total_count(&subject.metrics);
    let columns = positions.clone().map(|position| format!(", c{position}")).collect::<Vec<_>>().concat();
    query.push(&columns);
    query.push(") as materialized (select e.place, ");
    push_all_totals(&mut query, &subject.metrics);
    query.push(
        " from seen as e cross join lateral (select e.first_at) as u where not e.is_changed \
         group by e.place), \
         written as (update analysis_units as u set exact_totals = array[",
    );
    let mut separator = "";
    for position in positions.clone() {
        let before = Place::Array("u.exact_totals").total(position);
        query.push(format_args!("{separator}{before} + more.c{position}"));
        separator = ", ";
    }
    query.push("]::numeric[] from more where u.ctid = more.place and (false");
    for position in positions.clone() {
        query.push(format_args!(" or more.c{position} <> 0"));
    }
    query.push(") returning u.variant_id, u.exact_totals as totals");
    query.push(&columns);
    query.push("), signed (variant_id, sign");
    query.push(&columns);
    query.push(") as materialized (select variant_id, 1");
    for position in positions.clone() {
        query.push(format_args!(", totals[{position}]"));
    }
    query.push(" from written union all select variant_id, -1");
    for position in positions {
        query.push(format_args!(", totals[{position}] - c{position}"));
    }
    query.push(" from written) ");
    arms::push_change(&mut query, subject, "0");
    query.build().execute(connection).await?;
    Ok(())
}

/// Pushes the new events of exposed users, each with its user.
fn push_seen(query: &mut QueryBuilder<Postgres>, subject: &Subject, span: Span) {
    query.push(
        "select u.place, u.variant_id, u.first_at, e.batch, e.event_name, e.value, e.properties, e.occurred_at, \
         exists (select from analysis_changed as c where c.user_key = e.user_key) as is_changed \
         from (select e.user_key, e.batch, e.event_name, e.value, e.properties, e.occurred_at \
         from events as e where ",
    );
    push_events(query, subject);
    span.push(query, "e");
    // In order, neighbours are found in the same pages.
    query.push(
        " order by e.user_key) as e cross join lateral (select u.ctid as place, u.variant_id, u.first_at, \
         u.is_multiple from analysis_units as u where u.experiment_id = ",
    );
    query.push_bind(subject.experiment_id);
    query.push(" and u.user_key = e.user_key limit 1) as u where not u.is_multiple");
}
