//! Making the document of an experiment from the rows as they are now.

use std::collections::BTreeMap;
use std::sync::Arc;

use sqlx::PgConnection;
use uuid::Uuid;

use super::documents::Compiled;
use crate::domain::assignment::{Document, compile};
use crate::domain::experiment::{Experiment, ExperimentRef};
use crate::domain::refusal::Refusal;
use crate::domain::status::Status;
use crate::store::experiments::load::{Lock, find};
use crate::store::{Store, StoreError, StoreResult};

impl Store {
    /// The document of an experiment, compiled unless it is at hand. Refuses where the experiment gives
    /// nothing to anybody.
    pub(super) async fn document(&self, which: &ExperimentRef) -> StoreResult<Arc<Compiled>> {
        if let Some(held) = self.documents.get(which) {
            return Ok(held);
        }
        let held = Arc::new(self.compile_document(which).await?);
        self.documents.put(which, &held);
        Ok(held)
    }

    async fn compile_document(&self, which: &ExperimentRef) -> StoreResult<Compiled> {
        // One view of all rows: an edit that comes in between shows in the revision later.
        let mut transaction = self.pool.begin_with("begin isolation level repeatable read").await?;
        let experiment = find(&mut transaction, which, Lock::None).await?;
        require_open(experiment.status)?;
        let environment_id = experiment.environment_id;
        let revision = revision(&mut transaction, environment_id).await?;
        let bytes = document_bytes(&mut transaction, experiment.clone()).await?;
        transaction.commit().await?;
        let document = load(bytes, &experiment.key)?;
        // Not in that view: what another process keeps at this moment could not be passed over there.
        keep(&mut *self.pool.acquire().await?, environment_id, &document).await?;
        let members = document.members().keys().filter_map(|id| id.parse().ok()).collect();
        Ok(Compiled { document, members, environment_id, revision })
    }
}

fn require_open(status: Status) -> Result<(), Refusal> {
    match status {
        Status::Running | Status::Concluded => Ok(()),
        Status::Draft | Status::Paused => Err(Refusal::conflict(
            "not_running",
            format!("The experiment is {}: it gives nothing to anybody.", status.as_str()),
        )),
        Status::Archived => {
            Err(Refusal::conflict("archived", "The experiment is ARCHIVED: it gives nothing to anybody."))
        }
    }
}

async fn revision(connection: &mut PgConnection, environment: Uuid) -> StoreResult<i64> {
    let sql = "select revision from revisions where environment_id = $1";
    // The trigger writes it with the first experiment.
    let revision = sqlx::query_scalar(sql).bind(environment).fetch_optional(connection).await?;
    Ok(revision.unwrap_or_default())
}

async fn document_bytes(_connection: &mut PgConnection, experiment: Experiment) -> StoreResult<Vec<u8>> {
    let (environment, key) = (experiment.environment.clone(), experiment.key.clone());
    let document = compile(&environment, &key, vec![experiment.to_document()], &BTreeMap::new());
    serde_json::to_vec(&document).map_err(|error| StoreError::Internal(error.to_string()))
}

fn load(bytes: Vec<u8>, key: &str) -> StoreResult<Document> {
    let document = Document::load(bytes, key).map_err(|fault| StoreError::Internal(fault.to_string()))?;
    document.ok_or_else(|| StoreError::Internal("a document without its experiment".to_owned()))
}

/// Keeps the document, so that what is decided on it can be decided again.
async fn keep(connection: &mut PgConnection, environment: Uuid, document: &Document) -> StoreResult<()> {
    let sql = "insert into assign_documents (sha256, environment_id, document) values ($1, $2, $3) \
               on conflict on constraint assign_documents_pkey do nothing";
    sqlx::query(sql)
        .bind(&document.sha256()[..])
        .bind(environment)
        .bind(document.bytes())
        .execute(connection)
        .await?;
    Ok(())
}
