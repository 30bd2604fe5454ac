//! What keeps the references between the resources of an environment true while they change.
//!
//! Prerequisites, rules, groups and salts refer to other rows, often by key and in ways no constraint
//! can express (cycles, say). So whoever changes such a resource first takes the environment's lock,
//! and whoever publishes takes it shared: what was checked stays true until the commit. The order
//! is the environment's row, this lock, then rows of experiments and groups.

use sqlx::PgConnection;
use uuid::Uuid;

use super::StoreResult;
use crate::domain::refusal::Refusal;

/// Advisory locks take two numbers; the first is ours, the second the environment's.
const CLASS: i32 = 0x4c54;

/// Lets nobody else change what refers or is referred to, until the transaction ends.
pub(super) async fn lock(connection: &mut PgConnection, environment: Uuid) -> StoreResult<()> {
    lock_with(connection, "select pg_advisory_xact_lock($1, hashtext($2))", environment).await
}

/// Lets nobody change it, until the transaction ends.
pub(super) async fn lock_shared(connection: &mut PgConnection, environment: Uuid) -> StoreResult<()> {
    lock_with(connection, "select pg_advisory_xact_lock_shared($1, hashtext($2))", environment).await
}

async fn lock_with(connection: &mut PgConnection, sql: &'static str, environment: Uuid) -> StoreResult<()> {
    sqlx::query(sql).bind(CLASS).bind(environment.to_string()).execute(connection).await?;
    Ok(())
}

/// Refuses a salt that something else in the environment has; the caller holds the lock.
pub(super) async fn require_new_salt(
    connection: &mut PgConnection,
    environment: Uuid,
    salt: &str,
    owner: Uuid,
) -> StoreResult<()> {
    let sql = "select exists (select from experiments where environment_id = $1 and salt = $2 and id <> $3 \
               union all select from groups where environment_id = $1 and salt = $2 and id <> $3 \
               union all select from holdouts where environment_id = $1 and salt = $2 and id <> $3)";
    let is_taken: bool =
        sqlx::query_scalar(sql).bind(environment).bind(salt).bind(owner).fetch_one(connection).await?;
    if is_taken {
        let detail = "Another experiment, group or holdout of the environment has this salt: their splits \
                      would coincide.";
        return Err(Refusal::conflict("duplicate_salt", detail).into());
    }
    Ok(())
}
