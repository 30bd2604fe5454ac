//! Keys of environments.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, FromRow, PgConnection};
use uuid::Uuid;

use super::audit::{Entry, record};
use super::{Store, StoreError, StoreResult, environments, now};
use crate::domain::actor::Actor;
use crate::domain::credential::{CredentialDigest, NewCredential};
use crate::domain::environment::EnvironmentRef;
use crate::domain::environment_key::{EnvironmentKey, KeyKind};
use crate::domain::experiment::require_version;
use crate::domain::refusal::Refusal;

const COLUMNS: &str = "environment_keys.id, environment_id, environments.name as environment, kind, \
     environment_keys.name, environment_keys.version, created_by, environment_keys.created_at, \
     revoked_at, last_used_at from environment_keys join environments on environments.id = environment_id";

const LIVE: &str = "select environment_keys.id, kind, environment_keys.name, environment_id, \
     environments.name as environment, secret_sha256 \
     from environment_keys join environments on environments.id = environment_id where revoked_at is null";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    environment_id: Uuid,
    environment: String,
    kind: String,
    name: String,
    version: i64,
    created_by: String,
    created_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
struct LiveRow {
    id: Uuid,
    kind: String,
    name: String,
    environment_id: Uuid,
    environment: String,
    secret_sha256: Vec<u8>,
}

/// A key that opens something.
#[derive(Clone, Debug)]
pub struct LiveKey {
    /// Stable identifier, which its text begins with.
    pub id: Uuid,
    /// Who it is for.
    pub kind: KeyKind,
    /// For people.
    pub name: String,
    /// The environment that it holds for.
    pub environment_id: Uuid,
    /// That environment's name.
    pub environment: String,
    /// What proves it.
    pub digest: CredentialDigest,
}

/// Of a key everything else stays as it was made.
impl PartialEq for LiveKey {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Store {
    /// Makes a key of an environment.
    pub async fn create_environment_key(
        &self,
        actor: &Actor,
        which: &EnvironmentRef,
        kind: KeyKind,
        name: &str,
        credential: &NewCredential,
    ) -> StoreResult<EnvironmentKey> {
        let mut transaction = self.pool.begin().await?;
        let environment = environments::find(&mut transaction, which).await?;
        let key = EnvironmentKey {
            id: credential.id,
            environment_id: environment.id,
            environment: environment.name,
            kind,
            name: name.to_owned(),
            version: 1,
            created_by: actor.to_string(),
            created_at: now(),
            revoked_at: None,
            last_used_at: None,
        };
        let sql = "insert into environment_keys (id, environment_id, kind, name, secret_sha256, created_by, \
                   created_at) values ($1, $2, $3, $4, $5, $6, $7)";
        sqlx::query(sql)
            .bind(key.id)
            .bind(key.environment_id)
            .bind(key.kind.as_str())
            .bind(&key.name)
            .bind(credential.digest().as_bytes().as_slice())
            .bind(&key.created_by)
            .bind(key.created_at)
            .execute(&mut *transaction)
            .await?;
        record(&mut transaction, actor, entry(&key, "create").after(&key)?).await?;
        transaction.commit().await?;
        Ok(key)
    }

    /// Up to `limit` keys of an environment, revoked ones too, newest first, older than `after`.
    pub async fn environment_keys(
        &self,
        which: &EnvironmentRef,
        after: Option<Uuid>,
        limit: i64,
    ) -> StoreResult<Vec<EnvironmentKey>> {
        let mut connection = self.pool.acquire().await?;
        let environment = environments::find(&mut connection, which).await?;
        let sql = format!(
            "select {COLUMNS} where environment_id = $1 and ($2::uuid is null or environment_keys.id < $2) \
             order by environment_keys.id desc limit $3"
        );
        // Safe: constants only.
        let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(sql))
            .bind(environment.id)
            .bind(after)
            .bind(limit)
            .fetch_all(&mut *connection)
            .await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Takes a key of an environment back, for good. Again it changes nothing.
    pub async fn revoke_environment_key(
        &self,
        actor: &Actor,
        which: &EnvironmentRef,
        id: Uuid,
        expected: Option<i64>,
    ) -> StoreResult<()> {
        let mut transaction = self.pool.begin().await?;
        let environment = environments::find(&mut transaction, which).await?;
        let mut key = hold(&mut transaction, environment.id, id).await?;
        require_version(key.version, expected)?;
        if key.revoked_at.is_some() {
            return Ok(());
        }
        let entry = entry(&key, "revoke").before(&key)?;
        key.revoked_at = Some(now());
        key.version += 1;
        let sql = "update environment_keys set revoked_at = $2, version = $3 where id = $1";
        sqlx::query(sql)
            .bind(key.id)
            .bind(key.revoked_at)
            .bind(key.version)
            .execute(&mut *transaction)
            .await?;
        record(&mut transaction, actor, entry.after(&key)?).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// All keys that open something, by id.
    pub async fn live_environment_keys(&self) -> StoreResult<Vec<LiveKey>> {
        // Safe: constants only.
        let sql = AssertSqlSafe(format!("{LIVE} order by environment_keys.id"));
        let rows: Vec<LiveRow> = sqlx::query_as(sql).fetch_all(&self.pool).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// The key of this id, if it opens something.
    pub async fn live_environment_key(&self, id: Uuid) -> StoreResult<Option<LiveKey>> {
        // Safe: constants only.
        let sql = AssertSqlSafe(format!("{LIVE} and environment_keys.id = $1"));
        let row: Option<LiveRow> = sqlx::query_as(sql).bind(id).fetch_optional(&self.pool).await?;
        row.map(TryInto::try_into).transpose()
    }

    /// Writes down that keys are in use; within a minute of the last time, nothing.
    pub async fn note_key_uses(&self, ids: &[Uuid]) -> StoreResult<()> {
        let sql = "update environment_keys set last_used_at = now() where id = any($1) \
                   and (last_used_at is null or last_used_at < now() - interval '1 minute')";
        sqlx::query(sql).bind(ids).execute(&self.pool).await?;
        Ok(())
    }
}

async fn hold(connection: &mut PgConnection, environment: Uuid, id: Uuid) -> StoreResult<EnvironmentKey> {
    // Safe: constants only.
    let sql = AssertSqlSafe(format!(
        "select {COLUMNS} where environment_keys.id = $1 and environment_id = $2 for update of environment_keys"
    ));
    let row: Option<Row> = sqlx::query_as(sql).bind(id).bind(environment).fetch_optional(connection).await?;
    row.ok_or(Refusal::NotFound("key"))?.try_into()
}

/// A change of a key, as the history keeps it.
fn entry(key: &EnvironmentKey, action: &'static str) -> Entry {
    Entry {
        environment_id: Some(key.environment_id),
        resource: "environment_key",
        resource_id: Some(key.id),
        resource_key: key.name.clone(),
        action,
        ..Entry::default()
    }
}

fn kind(text: &str) -> StoreResult<KeyKind> {
    KeyKind::parse(text).ok_or_else(|| StoreError::Internal("a stored kind cannot be read".to_owned()))
}

impl TryFrom<Row> for EnvironmentKey {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            id: row.id,
            environment_id: row.environment_id,
            environment: row.environment,
            kind: kind(&row.kind)?,
            name: row.name,
            version: row.version,
            created_by: row.created_by,
            created_at: row.created_at,
            revoked_at: row.revoked_at,
            last_used_at: row.last_used_at,
        })
    }
}

impl TryFrom<LiveRow> for LiveKey {
    type Error = StoreError;

    fn try_from(row: LiveRow) -> StoreResult<Self> {
        let digest = CredentialDigest::from_bytes(&row.secret_sha256)
            .ok_or_else(|| StoreError::Internal("a stored digest cannot be read".to_owned()))?;
        Ok(Self {
            id: row.id,
            kind: kind(&row.kind)?,
            name: row.name,
            environment_id: row.environment_id,
            environment: row.environment,
            digest,
        })
    }
}
