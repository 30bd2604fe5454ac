//! The beginning of every transaction that writes events: a number for its rows, and the ids that are new.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::{LOCKS, WRITING};
use crate::store::StoreResult;

/// What writing came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// Rows that are new.
    pub written: u64,
    /// Events whose ids were taken before, or stood twice.
    pub duplicates: u64,
}

/// What the rows of one transaction have in common.
#[derive(Clone, Copy, Debug, FromRow)]
pub(super) struct Claim {
    /// The number of this transaction.
    pub(super) batch: i64,
    /// Where ids are taken now.
    generation: i32,
    /// Now, by the database's clock.
    pub(super) received_at: DateTime<Utc>,
    has_partitions: bool,
}

/// Begins to write. The order matters: the lock first, then the number and the generation, as statements of
/// their own, so that whoever waits for the lock's holders has seen every lower number and id.
pub(super) async fn begin(connection: &mut PgConnection) -> StoreResult<Claim> {
    // What is acknowledged is on disk, whatever the database does by default.
    sqlx::query("select set_config('synchronous_commit', 'on', true), pg_advisory_xact_lock_shared($1, $2)")
        .bind(LOCKS)
        .bind(WRITING)
        .execute(&mut *connection)
        .await?;
    let sql = "select nextval('event_batches') as batch, \
               (select max(generation) from event_generations) as generation, now.at as received_at, \
               to_regclass(event_partition('events', now.at)) is not null as has_partitions \
               from (select clock_timestamp() as at) as now";
    let claim: Claim = sqlx::query_as(sql).fetch_one(&mut *connection).await?;
    if !claim.has_partitions {
        sqlx::query("select create_event_partitions($1, $1)")
            .bind(claim.received_at)
            .execute(connection)
            .await?;
    }
    Ok(claim)
}

impl Claim {
    /// Takes the ids that were not taken before, and says which. Whoever takes one of them at the same time is
    /// waited for; all take them in the same order, so that nobody waits in a circle.
    pub(super) async fn take(
        &self,
        connection: &mut PgConnection,
        mut ids: Vec<Uuid>,
    ) -> StoreResult<HashSet<Uuid>> {
        ids.sort_unstable();
        ids.dedup();
        let sql = "insert into event_ids (id, generation) select wanted.id, $2 \
                   from unnest($1::uuid[]) as wanted (id) where not exists (select from event_ids as earlier \
                     where earlier.id = wanted.id and earlier.generation < $2) \
                   order by wanted.id on conflict do nothing returning id";
        let taken: Vec<Uuid> =
            sqlx::query_scalar(sql).bind(&ids).bind(self.generation).fetch_all(connection).await?;
        Ok(taken.into_iter().collect())
    }
}
