//! Recording a version and the job that will carry it to the store, in one transaction.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::Documents;
use crate::domain::actor::Actor;
use crate::domain::environment::{Environment, EnvironmentRef};
use crate::domain::experiment::Experiment;
use crate::domain::refusal::Refusal;
use crate::domain::version::{Change, VersionState, Warning};
use crate::store::experiments::load::publishable;
use crate::store::{Store, StoreError, StoreResult, audit, environments, jobs};

/// What the next version is to be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Material {
    /// The experiments as they are now.
    Rows,
    /// An earlier version.
    Version(i64),
}

/// What the next version says.
#[derive(Debug)]
pub enum Says {
    /// These experiments, by key.
    Experiments(Vec<Experiment>),
    /// The same as an earlier version.
    Again(Box<Earlier>),
}

/// A version that was published before.
#[derive(Debug)]
pub struct Earlier {
    /// Its number.
    pub version: i64,
    /// Its documents.
    pub documents: Documents,
    /// Its digest without version and time.
    pub content_sha256: String,
    /// Its digests by experiment key.
    pub experiments: BTreeMap<String, String>,
    /// What its publisher was warned of.
    pub warnings: Vec<Warning>,
}

/// What a version is made of.
#[derive(Debug)]
pub struct Contents {
    /// The environment's name.
    pub environment: String,
    /// What it publishes.
    pub says: Says,
    /// The number the version would have.
    pub version: i64,
    /// Content digest of the latest version that readers see or will see; none: there is none, or
    /// the store has lost it.
    pub present_content: Option<String>,
    /// Experiment digests of that version.
    pub present_experiments: BTreeMap<String, String>,
}

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

#[derive(FromRow)]
struct Latest {
    id: Uuid,
    version: i64,
    state: String,
    content_sha256: String,
    experiments: String,
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
        material: Material,
        note: Option<&str>,
        published: impl AsyncFnOnce(&Environment) -> Result<Option<i64>, E>,
        compile: impl FnOnce(Contents) -> Result<Prepared, Refusal> + Send + 'static,
    ) -> Result<Outcome, E> {
        let mut transaction = self.pool.begin().await.map_err(StoreError::from)?;
        let environment = environments::hold(&mut transaction, which).await?;
        let latest = latest_version(&mut transaction, environment.id).await?;
        let published = published(&environment).await?;
        // Readers are elsewhere when the store was replaced or restored: then even the same content
        // needs a version of its own.
        let present = latest.filter(|it| it.state == "pending" || published == Some(it.version));
        let contents =
            contents(&mut transaction, &environment, material, present.as_ref(), published).await?;
        let version = contents.version;
        let prepared = tokio::task::spawn_blocking(move || compile(contents))
            .await
            .map_err(|error| StoreError::Internal(error.to_string()))?
            .map_err(StoreError::from)?;
        let new = match (prepared, present) {
            (Prepared::New(new), _) => new,
            (Prepared::Unchanged, Some(present)) => return Ok(Outcome::Unchanged(present.id)),
            (Prepared::Unchanged, None) => {
                return Err(StoreError::Internal("unchanged against nothing".to_owned()).into());
            }
        };
        let id = insert(&mut transaction, actor, environment.id, note, version, &new).await?;
        audit::record(&mut transaction, actor, entry(&environment, id, version, note, &new)?).await?;
        let payload = format!("{{\"version_id\":\"{id}\"}}");
        let lane = format!("publish:{}", environment.id);
        jobs::enqueue(&mut transaction, jobs::PUBLISH_VERSION, &lane, &payload).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(Outcome::Recorded(id))
    }
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

async fn contents(
    connection: &mut PgConnection,
    environment: &Environment,
    material: Material,
    present: Option<&Latest>,
    published: Option<i64>,
) -> StoreResult<Contents> {
    let highest = highest_version(connection, environment.id).await?;
    let says = match material {
        Material::Rows => Says::Experiments(publishable(connection, environment.id).await?),
        Material::Version(number) => {
            Says::Again(Box::new(earlier(connection, environment.id, number).await?))
        }
    };
    Ok(Contents {
        environment: environment.name.clone(),
        says,
        version: highest.max(published).unwrap_or(0) + 1,
        present_content: present.map(|it| it.content_sha256.clone()),
        present_experiments: present
            .map_or_else(|| Ok(BTreeMap::new()), |it| read_digests(&it.experiments))?,
    })
}

async fn highest_version(connection: &mut PgConnection, environment: Uuid) -> StoreResult<Option<i64>> {
    let sql = "select max(version) from versions where environment_id = $1";
    Ok(sqlx::query_scalar(sql).bind(environment).fetch_one(connection).await?)
}

async fn latest_version(connection: &mut PgConnection, environment: Uuid) -> StoreResult<Option<Latest>> {
    let sql = "select id, version, state, content_sha256, experiments::text from versions \
               where environment_id = $1 and state <> 'failed' order by version desc limit 1";
    Ok(sqlx::query_as(sql).bind(environment).fetch_optional(connection).await?)
}

async fn earlier(connection: &mut PgConnection, environment: Uuid, number: i64) -> StoreResult<Earlier> {
    type Row = (String, Vec<u8>, Vec<u8>, String, String, String);
    let sql = "select state, document, client_document, content_sha256, experiments::text, \
               warnings::text from versions \
               where environment_id = $1 and version = $2";
    let row: Option<Row> =
        sqlx::query_as(sql).bind(environment).bind(number).fetch_optional(connection).await?;
    let (state, full, client, content_sha256, experiments, warnings) =
        row.ok_or(Refusal::NotFound("version"))?;
    if state != VersionState::Published.as_str() {
        let detail = "That version never reached readers; go back to one that is published.";
        return Err(Refusal::conflict("never_published", detail).into());
    }
    let experiments = read_digests(&experiments)?;
    let warnings = serde_json::from_str(&warnings)
        .map_err(|_| StoreError::Internal("stored warnings cannot be read".to_owned()))?;
    let documents = Documents { full, client };
    Ok(Earlier { version: number, documents, content_sha256, experiments, warnings })
}

fn read_digests(json: &str) -> StoreResult<BTreeMap<String, String>> {
    serde_json::from_str(json).map_err(|_| StoreError::Internal("stored digests cannot be read".to_owned()))
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
               changes, created_at, rolled_back_to, warnings) values ($1, $2, $3, 'pending', $4, $5, $6, $7, \
               $8, $9, $10, $11::text::json, $12::text::json, $13, $14, $15::text::json)";
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
        .bind(serde_json::to_string(&new.warnings).map_err(json)?)
        .execute(connection)
        .await?;
    Ok(id)
}
