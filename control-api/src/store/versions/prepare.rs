//! Recording a version and the job that will carry it to the store, in one transaction.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::contents::{Contents, Latest, Material, contents, latest_version};
use crate::domain::actor::Actor;
use crate::domain::environment::{Environment, EnvironmentRef};
use crate::domain::refusal::Refusal;
use crate::domain::version::{Change, Warning};
use crate::store::experiments::load::Lock;
use crate::store::{Store, StoreError, StoreResult, audit, environments, jobs};

/// A version that is to be recorded.
#[derive(Debug)]
pub struct NewVersion {
    /// Digest without version and time.
    pub content_sha256: String,
    /// The full document.
    pub document: Vec<u8>,
    /// Its SHA-256.
    pub sha256: String,
    /// The client document.
    pub client_document: Vec<u8>,
    /// Its SHA-256.
    pub client_sha256: String,
    /// Digest by experiment key.
    pub experiments: BTreeMap<String, String>,
    /// What differs from the version before.
    pub changes: Vec<Change>,
    /// What its publisher is warned of.
    pub warnings: Vec<Warning>,
    /// The `published_at` of both documents.
    pub published_at: DateTime<Utc>,
    /// The version whose content it brings back.
    pub rolled_back_to: Option<i64>,
    /// The version it was compared with, to see whom it moves.
    pub compared_with: Option<i64>,
}

/// What compiling came to.
#[derive(Debug)]
pub enum Prepared {
    /// The present version already says all of it.
    Unchanged,
    /// This is new.
    New(Box<NewVersion>),
}

/// What recording came to: the version that says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The present version; nothing was written.
    Unchanged(Uuid),
    /// A new one, pending.
    Recorded(Uuid),
}

impl Store {
    /// Records a version of the environment, pending, and enqueues its publishing.
    ///
    /// The environment's row is held meanwhile: two publishers get consecutive versions.
    /// `published` asks the store which version its pointer names; it is asked while the row is
    /// held, so that the answer is not older than the rows. `compile` runs on a thread of its own,
    /// because ten thousand experiments take a while.
    pub async fn prepare_version<E: From<StoreError>>(
        &self,
        actor: &Actor,
        which: &EnvironmentRef,
        material: &Material,
        note: Option<&str>,
        published: impl AsyncFnOnce(&Environment) -> Result<Option<i64>, E>,
        compile: impl FnOnce(Contents) -> Result<Prepared, Refusal> + Send + 'static,
    ) -> Result<Outcome, E> {
        let mut transaction = self.pool.begin().await.map_err(StoreError::from)?;
        let environment = environments::hold(&mut transaction, which).await?;
        let latest = latest_version(&mut transaction, environment.id).await?;
        let published = published(&environment).await?;
        let present = latest.as_ref().map(|it| it.id);
        let contents =
            contents(&mut transaction, &environment, material, latest, published, Lock::Update).await?;
        let outcome = record(&mut transaction, actor, &environment, note, present, contents, compile).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(outcome)
    }

    /// What [`Store::prepare_version`] would compile. Nothing is written and nothing is held: it is one
    /// state of the database.
    pub async fn version_contents(
        &self,
        which: &EnvironmentRef,
        material: &Material,
    ) -> StoreResult<Contents> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("set transaction isolation level repeatable read, read only")
            .execute(&mut *transaction)
            .await?;
        let environment = environments::find(&mut transaction, which).await?;
        let latest = latest_version(&mut transaction, environment.id).await?;
        let at = latest.as_ref().map(|it: &Latest| it.version);
        let contents = contents(&mut transaction, &environment, material, latest, at, Lock::None).await?;
        transaction.commit().await?;
        Ok(contents)
    }
}

/// Compiles, and records what that came to in the transaction.
pub(super) async fn record(
    connection: &mut PgConnection,
    actor: &Actor,
    environment: &Environment,
    note: Option<&str>,
    present: Option<Uuid>,
    contents: Contents,
    compile: impl FnOnce(Contents) -> Result<Prepared, Refusal> + Send + 'static,
) -> StoreResult<Outcome> {
    let version = contents.version;
    let prepared = tokio::task::spawn_blocking(move || compile(contents))
        .await
        .map_err(|error| StoreError::Internal(error.to_string()))??;
    let new = match (prepared, present) {
        (Prepared::New(new), _) => new,
        (Prepared::Unchanged, Some(present)) => return Ok(Outcome::Unchanged(present)),
        (Prepared::Unchanged, None) => {
            return Err(StoreError::Internal("unchanged against nothing".to_owned()));
        }
    };
    let id = insert(connection, actor, environment.id, note, version, &new).await?;
    let payload = format!("{{\"version_id\":\"{id}\"}}");
    let lane = format!("publish:{}", environment.id);
    jobs::enqueue(connection, jobs::PUBLISH_VERSION, &lane, &payload).await?;
    audit::record(connection, actor, entry(environment, id, version, note, &new)?).await?;
    Ok(Outcome::Recorded(id))
}

/// A publish, as the history keeps it.
fn entry(
    environment: &Environment,
    id: Uuid,
    version: i64,
    note: Option<&str>,
    new: &NewVersion,
) -> StoreResult<audit::Entry> {
    let entry = audit::Entry {
        environment_id: Some(environment.id),
        resource: "version",
        resource_id: Some(id),
        resource_key: version.to_string(),
        action: if new.rolled_back_to.is_some() { "roll_back" } else { "publish" },
        ..audit::Entry::default()
    };
    entry.after(&serde_json::json!({
        "version": version,
        "note": note,
        "sha256": new.sha256,
        "changes": new.changes,
        "warnings": new.warnings,
        "rolledBackTo": new.rolled_back_to,
    }))
}

async fn insert(
    connection: &mut PgConnection,
    actor: &Actor,
    environment: Uuid,
    note: Option<&str>,
    version: i64,
    new: &NewVersion,
) -> StoreResult<Uuid> {
    let json = |error: serde_json::Error| StoreError::Internal(error.to_string());
    let sql = "insert into versions (id, environment_id, version, state, author, note, \
               content_sha256, document, sha256, client_document, client_sha256, experiments, \
               changes, created_at, rolled_back_to, compared_with, warnings) values ($1, $2, $3, 'pending', $4, $5, \
               $6, $7, $8, $9, $10, $11::text::json, $12::text::json, $13, $14, $15, $16::text::json)";
    let id = Uuid::now_v7();
    sqlx::query(sql)
        .bind(id)
        .bind(environment)
        .bind(version)
        .bind(actor.to_string())
        .bind(note)
        .bind(&new.content_sha256)
        .bind(&new.document)
        .bind(&new.sha256)
        .bind(&new.client_document)
        .bind(&new.client_sha256)
        .bind(serde_json::to_string(&new.experiments).map_err(json)?)
        .bind(serde_json::to_string(&new.changes).map_err(json)?)
        .bind(new.published_at)
        .bind(new.rolled_back_to)
        .bind(new.compared_with)
        .bind(serde_json::to_string(&new.warnings).map_err(json)?)
        .execute(connection)
        .await?;
    Ok(id)
}
