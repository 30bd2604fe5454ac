//! What a version is to be made of, read for the publisher.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::Documents;
use crate::domain::environment::Environment;
use crate::domain::experiment::Experiment;
use crate::domain::refusal::Refusal;
use crate::domain::version::{VersionState, Warning};
use crate::store::experiments::load::{Lock, publishable};
use crate::store::{StoreError, StoreResult};

/// What the next version is to be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Material {
    /// The experiments as they are now.
    Rows,
    /// The experiments of these keys as they are now; the others as they were published.
    Only(BTreeSet<String>),
    /// The present version without this experiment.
    Without(String),
    /// An earlier version.
    Version(i64),
}

/// What the next version says.
#[derive(Debug)]
pub enum Says {
    /// These experiments, by key.
    Experiments(Vec<Experiment>),
    /// These experiments, by key, and of the others what the present version says. A key in the set
    /// without an experiment is left out.
    Only(Vec<Experiment>, BTreeSet<String>),
    /// The same as an earlier version.
    Again(Box<Earlier>),
}

/// A version that was published before.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// Its number.
    pub version: i64,
    /// Its documents.
    pub documents: Documents,
    /// Its digest without version and time.
    pub content_sha256: String,
    /// Its digests by experiment key.
    pub experiments: BTreeMap<String, String>,
    /// What its publisher is warned of.
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
    /// The latest version that did not fail: what readers decide by, or soon will.
    pub present: Option<Earlier>,
    /// Whether the store has that version. Where it has not, the same content needs a version of its
    /// own.
    pub store_has_present: bool,
}

/// The latest version of an environment that did not fail.
#[derive(FromRow)]
pub(super) struct Latest {
    pub(super) id: Uuid,
    pub(super) version: i64,
    pub(super) state: String,
    document: Vec<u8>,
    client_document: Vec<u8>,
    content_sha256: String,
    experiments: String,
    warnings: String,
}

impl Latest {
    /// Whether readers find it at the store, or will.
    pub(super) fn is_at_store(&self, published: Option<i64>) -> bool {
        self.state == VersionState::Pending.as_str() || published == Some(self.version)
    }

    fn into_earlier(self) -> StoreResult<Earlier> {
        Ok(Earlier {
            version: self.version,
            documents: Documents { full: self.document, client: self.client_document },
            content_sha256: self.content_sha256,
            experiments: read_digests(&self.experiments)?,
            warnings: read_warnings(&self.warnings)?,
        })
    }
}

/// Reads what a version of `material` says. With a lock, rows stay as they are until the transaction
/// ends; without one it has to be a transaction that sees one state of the database.
pub(super) async fn contents(
    connection: &mut PgConnection,
    environment: &Environment,
    material: &Material,
    latest: Option<Latest>,
    published: Option<i64>,
    lock: Lock,
) -> StoreResult<Contents> {
    let highest = highest_version(connection, environment.id).await?;
    let says = match material {
        Material::Rows => Says::Experiments(publishable(connection, environment.id, lock).await?),
        Material::Only(keys) => {
            require_known(connection, environment.id, keys, latest.as_ref()).await?;
            let mut experiments = publishable(connection, environment.id, lock).await?;
            experiments.retain(|it| keys.contains(&it.key));
            Says::Only(experiments, keys.clone())
        }
        Material::Without(key) => Says::Only(Vec::new(), BTreeSet::from([key.clone()])),
        Material::Version(number) => {
            Says::Again(Box::new(earlier(connection, environment.id, *number).await?))
        }
    };
    Ok(Contents {
        environment: environment.name.clone(),
        says,
        version: highest.max(published).unwrap_or(0) + 1,
        store_has_present: latest.as_ref().is_some_and(|it| it.is_at_store(published)),
        present: latest.map(Latest::into_earlier).transpose()?,
    })
}

/// Refuses keys of which there is neither an experiment nor anything published.
async fn require_known(
    connection: &mut PgConnection,
    environment: Uuid,
    keys: &BTreeSet<String>,
    latest: Option<&Latest>,
) -> StoreResult<()> {
    let asked: Vec<&str> = keys.iter().map(String::as_str).collect();
    let sql = "select key from experiments where environment_id = $1 and key = any($2)";
    let found: Vec<String> =
        sqlx::query_scalar(sql).bind(environment).bind(&asked).fetch_all(connection).await?;
    let published = latest.map_or_else(|| Ok(BTreeMap::new()), |it| read_digests(&it.experiments))?;
    let unknown: Vec<&str> = asked
        .into_iter()
        .filter(|key| !found.iter().any(|it| it == key) && !published.contains_key(*key))
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let detail = format!("The environment has no experiment {}.", unknown.join(", "));
    Err(Refusal::fault("/only", "unknown_experiment", detail).into())
}

async fn highest_version(connection: &mut PgConnection, environment: Uuid) -> StoreResult<Option<i64>> {
    let sql = "select max(version) from versions where environment_id = $1";
    Ok(sqlx::query_scalar(sql).bind(environment).fetch_one(connection).await?)
}

/// The latest version of an environment that did not fail.
pub(super) async fn latest_version(
    connection: &mut PgConnection,
    environment: Uuid,
) -> StoreResult<Option<Latest>> {
    let sql = "select id, version, state, document, client_document, content_sha256, experiments::text, \
               warnings::text from versions where environment_id = $1 and state <> 'failed' order by version desc limit 1";
    Ok(sqlx::query_as(sql).bind(environment).fetch_optional(connection).await?)
}

/// A version that readers have seen.
pub(super) async fn earlier(
    connection: &mut PgConnection,
    environment: Uuid,
    number: i64,
) -> StoreResult<Earlier> {
    type Row = (String, Vec<u8>, Vec<u8>, String, String, String);
    let sql = "select state, document, client_document, content_sha256, experiments::text, \
               warnings::text from versions where environment_id = $1 and version = $2";
    let row: Option<Row> =
        sqlx::query_as(sql).bind(environment).bind(number).fetch_optional(connection).await?;
    let (state, full, client, content_sha256, experiments, warnings) =
        row.ok_or(Refusal::NotFound("version"))?;
    if state != VersionState::Published.as_str() {
        let detail = "That version never reached readers; take one that is published.";
        return Err(Refusal::conflict("never_published", detail).into());
    }
    let (experiments, warnings) = (read_digests(&experiments)?, read_warnings(&warnings)?);
    let documents = Documents { full, client };
    Ok(Earlier { version: number, documents, content_sha256, experiments, warnings })
}

fn read_warnings(json: &str) -> StoreResult<Vec<Warning>> {
    serde_json::from_str(json).map_err(|_| StoreError::Internal("stored warnings cannot be read".to_owned()))
}

fn read_digests(json: &str) -> StoreResult<BTreeMap<String, String>> {
    serde_json::from_str(json).map_err(|_| StoreError::Internal("stored digests cannot be read".to_owned()))
}
