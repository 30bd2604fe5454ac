//! Partitions and generations: made before they are needed, dropped when everything in them is old.

use std::time::Duration;

use sqlx::{AssertSqlSafe, PgConnection};

use super::{LOCKS, WRITING};
use crate::store::{Store, StoreResult};

/// How long a generation of ids takes new ones. Each is looked at until the next has been at work for as long:
/// an id is known for one to two of these.
const GENERATION: Duration = Duration::from_hours(24);
/// Partitions are made this far ahead.
const AHEAD: Duration = Duration::from_hours(14 * 24);

impl Store {
    /// Makes the partitions of the next two weeks.
    pub async fn make_event_partitions(&self) -> StoreResult<()> {
        sqlx::query("select create_event_partitions(now(), now() + $1)")
            .bind(AHEAD)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Drops the partitions all of whose events were received more than `retention` ago, and what was noted
    /// about them. Returns the names of those that it dropped.
    pub async fn drop_old_events(&self, retention: Duration) -> StoreResult<Vec<String>> {
        let sql = "select child.relname from pg_inherits \
                   join pg_class child on child.oid = inhrelid join pg_class parent on parent.oid = inhparent \
                   where parent.relname in ('exposures', 'events') \
                     and child.relname ~ '_p[0-9]{8}$' and child.relname < \
                       event_partition(parent.relname, now() - $1::interval) \
                   order by 1";
        let old: Vec<String> = sqlx::query_scalar(sql).bind(retention).fetch_all(&self.pool).await?;
        for name in &old {
            // Safe: a name of the catalogue, of letters, digits and underscores as the pattern says.
            sqlx::query(AssertSqlSafe(format!("drop table if exists {name}"))).execute(&self.pool).await?;
        }
        if !old.is_empty() {
            let sql = "delete from event_watermarks where at < now() - $1::interval \
                       and batch < (select max(batch) from event_watermarks)";
            sqlx::query(sql).bind(retention).execute(&self.pool).await?;
            let sql = "delete from exposure_quarantine where batch < \
                       coalesce((select min(batch) from exposures), 0)";
            sqlx::query(sql).execute(&self.pool).await?;
        }
        Ok(old)
    }

    /// Begins a new generation of ids when the present one is old enough, and drops those that are not looked
    /// at any more. Returns whether it began one.
    pub async fn turn_event_generation(&self) -> StoreResult<bool> {
        self.turn_event_generation_after(GENERATION).await
    }

    /// The same with another age of generations, for tests.
    pub async fn turn_event_generation_after(&self, age: Duration) -> StoreResult<bool> {
        let mut transaction = self.pool.begin().await?;
        if !is_due(&mut transaction, age).await? {
            return Ok(false);
        }
        // From here nobody writes: all ids of the generation that ends are there when the next begins.
        sqlx::query("select pg_advisory_xact_lock($1, $2)")
            .bind(LOCKS)
            .bind(WRITING)
            .execute(&mut *transaction)
            .await?;
        // Another server may have been faster.
        if !is_due(&mut transaction, age).await? {
            return Ok(false);
        }
        let sql = "select begin_event_generation((select max(generation) + 1 from event_generations))";
        sqlx::query(sql).execute(&mut *transaction).await?;
        drop_forgotten(&mut transaction, age).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

async fn is_due(connection: &mut PgConnection, age: Duration) -> StoreResult<bool> {
    let sql = "select started_at <= clock_timestamp() - $1::interval from event_generations \
               order by generation desc limit 1";
    Ok(sqlx::query_scalar(sql).bind(age).fetch_one(connection).await?)
}

/// Drops the generations whose successor has been at work for long enough.
async fn drop_forgotten(connection: &mut PgConnection, age: Duration) -> StoreResult<()> {
    let sql = "delete from event_generations where generation < (select max(generation) from \
               event_generations where started_at <= clock_timestamp() - $1::interval) returning generation";
    let forgotten: Vec<i32> = sqlx::query_scalar(sql).bind(age).fetch_all(&mut *connection).await?;
    for generation in forgotten {
        let sql = format!("drop table if exists event_ids_g{generation}");
        // Safe: a number.
        sqlx::query(AssertSqlSafe(sql)).execute(&mut *connection).await?;
    }
    Ok(())
}
