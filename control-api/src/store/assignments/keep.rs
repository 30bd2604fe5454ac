//! Keeping new assignments.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

use super::documents::Compiled;
use crate::domain::assignment::{Decided, Question};
use crate::store::{StoreError, StoreResult};

/// Locks are few, since all of them have room in one table of Postgres: users share them.
const LOCKS: u64 = 512;
/// What tells these advisory locks from others.
const LOCK_SPACE: i64 = 0x4c6f_7401_0000_0000;

/// Holds the users until the transaction ends, so that nobody else gives them another experiment of a
/// group. Always in the same order: two batches with the same users do not wait for each other in a ring.
pub(super) async fn hold_users(
    connection: &mut PgConnection,
    environment: Uuid,
    user_keys: impl Iterator<Item = &str>,
) -> StoreResult<()> {
    let locks: BTreeSet<i64> = user_keys.map(|user_key| lock_of(environment, user_key)).collect();
    let locks: Vec<i64> = locks.into_iter().collect();
    sqlx::query("select pg_advisory_xact_lock(lock) from unnest($1::bigint[]) as lock")
        .bind(locks)
        .execute(connection)
        .await?;
    Ok(())
}

#[allow(clippy::cast_possible_wrap)] // Below LOCKS.
fn lock_of(environment: Uuid, user_key: &str) -> i64 {
    let digest = Sha256::new().chain_update(environment.as_bytes()).chain_update(user_key).finalize();
    let number = digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
    LOCK_SPACE + (number % LOCKS) as i64
}

/// Inserts what is new. Gives the users whom somebody else has meanwhile given this experiment: those have
/// to be decided again. Rows go in by user key: two batches do not wait for each other in a ring.
pub(super) async fn insert(
    connection: &mut PgConnection,
    held: &Compiled,
    decided: &[(&Question, Decided)],
) -> StoreResult<HashSet<Vec<u8>>> {
    let experiment: Uuid = parse(held.document.id())?;
    let mut new: BTreeMap<&[u8], (Uuid, &str)> = BTreeMap::new();
    for (question, decided) in decided {
        if let (true, Some(variant)) = (decided.is_new, &decided.assignment.variant) {
            new.insert(question.user_key().as_bytes(), (parse(&variant.id)?, &variant.key));
        }
    }
    let user_keys: Vec<&[u8]> = new.keys().copied().collect();
    let variant_ids: Vec<Uuid> = new.values().map(|(id, _)| *id).collect();
    let variant_keys: Vec<&str> = new.values().map(|(_, key)| *key).collect();
    let sql = "insert into assignments (experiment_id, user_key, variant_id, variant_key, document_sha256) \
               select $1, user_key, variant_id, variant_key, $5 \
               from unnest($2::bytea[], $3::uuid[], $4::text[]) as new (user_key, variant_id, variant_key) \
               on conflict on constraint assignments_pkey do nothing returning user_key";
    let inserted: Vec<Vec<u8>> = sqlx::query_scalar(sql)
        .bind(experiment)
        .bind(user_keys)
        .bind(variant_ids)
        .bind(variant_keys)
        .bind(&held.document.sha256()[..])
        .fetch_all(connection)
        .await?;
    let inserted: HashSet<&[u8]> = inserted.iter().map(Vec::as_slice).collect();
    Ok(new.into_keys().filter(|it| !inserted.contains(it)).map(<[u8]>::to_vec).collect())
}

/// An id out of a document of ours.
pub(super) fn parse(id: &str) -> StoreResult<Uuid> {
    id.parse().map_err(|_| StoreError::Internal("a document holds an id that is none".to_owned()))
}
