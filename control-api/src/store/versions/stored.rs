//! Documents that were decided on: those of versions, and those that `assign` keeps.

use sqlx::PgConnection;
use uuid::Uuid;

use super::contents::earlier;
use crate::domain::refusal::Refusal;
use crate::hex;
use crate::store::{Store, StoreResult};

/// Which document is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The full one of the latest version that is published.
    Latest,
    /// The full one of this version, which has to be published.
    Version(i64),
    /// The one with this SHA-256, in lower-case hex.
    Digest(String),
}

/// A stored document.
#[derive(Clone, Debug)]
pub struct StoredDocument {
    /// The version that it belongs to; none: one that `assign` decided on.
    pub version: Option<i64>,
    /// Its SHA-256.
    pub sha256: String,
    /// Its bytes.
    pub document: Vec<u8>,
}

impl Store {
    /// A document that something was decided on, or the refusal that there is none.
    pub async fn stored_document(&self, environment: Uuid, which: &Which) -> StoreResult<StoredDocument> {
        let mut connection = self.pool.acquire().await?;
        match which {
            Which::Latest => {
                let latest = latest_published(&mut connection, environment).await?;
                let nothing =
                    Refusal::conflict("nothing_published", "The environment has published nothing.");
                of_version(&mut connection, environment, latest.ok_or(nothing)?).await
            }
            Which::Version(number) => of_version(&mut connection, environment, *number).await,
            Which::Digest(sha256) => by_digest(&mut connection, environment, sha256)
                .await?
                .ok_or_else(|| Refusal::NotFound("document").into()),
        }
    }
}

async fn latest_published(connection: &mut PgConnection, environment: Uuid) -> StoreResult<Option<i64>> {
    let sql = "select max(version) from versions where environment_id = $1 and state = 'published'";
    Ok(sqlx::query_scalar(sql).bind(environment).fetch_one(connection).await?)
}

async fn of_version(
    connection: &mut PgConnection,
    environment: Uuid,
    number: i64,
) -> StoreResult<StoredDocument> {
    let document = earlier(connection, environment, number).await?.documents.full;
    Ok(StoredDocument { version: Some(number), sha256: hex::sha256(&document), document })
}

/// A document by its digest: a version's full one, its client one, or one that `assign` decided on.
pub(in crate::store) async fn by_digest(
    connection: &mut PgConnection,
    environment: Uuid,
    sha256: &str,
) -> StoreResult<Option<StoredDocument>> {
    let sql = "select version, case when sha256 = $2 then document else client_document end from versions \
               where environment_id = $1 and (sha256 = $2 or client_sha256 = $2) limit 1";
    let row: Option<(i64, Vec<u8>)> =
        sqlx::query_as(sql).bind(environment).bind(sha256).fetch_optional(&mut *connection).await?;
    if let Some((version, document)) = row {
        return Ok(Some(StoredDocument { version: Some(version), sha256: sha256.to_owned(), document }));
    }
    let sql =
        "select document from assign_documents where environment_id = $1 and sha256 = decode($2, 'hex')";
    let document: Option<Vec<u8>> =
        sqlx::query_scalar(sql).bind(environment).bind(sha256).fetch_optional(connection).await?;
    Ok(document.map(|document| StoredDocument { version: None, sha256: sha256.to_owned(), document }))
}
