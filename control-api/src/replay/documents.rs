//! The documents that exposures name, loaded once.

use std::collections::HashMap;
use std::sync::Arc;

use lotwise_core::Snapshot;
use uuid::Uuid;

use super::Recorded;
use crate::domain::environment::EnvironmentRef;
use crate::domain::refusal::Refusal;
use crate::hex;
use crate::store::versions::Which;
use crate::store::{Store, StoreError};

/// Snapshots held at once: each may be of 32 MiB.
const MAX_HELD: usize = 8;

/// A document that was looked for: its version and what it loads to, or why there is none.
type Looked = Result<(Option<i64>, Arc<Snapshot>), String>;

/// Finds documents in the database.
#[derive(Debug)]
pub struct Documents<'s> {
    store: &'s Store,
    environments: HashMap<String, Option<Uuid>>,
    held: Vec<((Uuid, Which), Looked)>,
}

impl<'s> Documents<'s> {
    /// Finds documents in this database.
    pub fn new(store: &'s Store) -> Self {
        Self { store, environments: HashMap::new(), held: Vec::new() }
    }

    /// What the document loads to that an exposure was decided on; or why that cannot be had.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub async fn of(&mut self, exposure: &Recorded) -> Result<Result<Arc<Snapshot>, String>, StoreError> {
        let Some(environment) = self.environment(&exposure.environment).await? else {
            return Ok(Err(format!("there is no environment {}", exposure.environment)));
        };
        let which = match (&exposure.snapshot_sha256, exposure.config_version) {
            (Some(digest), _) => Which::Digest(digest.clone()),
            (None, Some(version)) => Which::Version(version),
            (None, None) => {
                return Ok(Err("neither snapshot_sha256 nor config_version says by what".to_owned()));
            }
        };
        let (version, snapshot) = match self.look(environment, which).await? {
            Ok(found) => found,
            Err(cause) => return Ok(Err(cause)),
        };
        match (exposure.config_version, version) {
            (Some(claimed), Some(version)) if claimed != version => {
                Ok(Err(format!("the document is of version {version}, not of {claimed}")))
            }
            _ => Ok(Ok(snapshot)),
        }
    }

    async fn environment(&mut self, name: &str) -> Result<Option<Uuid>, StoreError> {
        if let Some(known) = self.environments.get(name) {
            return Ok(*known);
        }
        let found = match EnvironmentRef::parse(name) {
            Some(which) => absent_is_none(self.store.environment(&which).await)?.map(|it| it.id),
            None => None,
        };
        self.environments.insert(name.to_owned(), found);
        Ok(found)
    }

    async fn look(&mut self, environment: Uuid, which: Which) -> Result<Looked, StoreError> {
        let key = (environment, which);
        if let Some(at) = self.held.iter().position(|(held, _)| *held == key) {
            // The one that was asked for last stays longest.
            let entry = self.held.remove(at);
            self.held.push(entry);
        } else {
            let looked = self.load(environment, &key.1).await?;
            if self.held.len() == MAX_HELD {
                drop(self.held.remove(0));
            }
            self.held.push((key, looked));
        }
        Ok(self.held.last().map_or_else(|| Err("not found".to_owned()), |(_, looked)| looked.clone()))
    }

    async fn load(&self, environment: Uuid, which: &Which) -> Result<Looked, StoreError> {
        let found = match self.store.stored_document(environment, which).await {
            Err(StoreError::Refused(Refusal::Conflict { detail, .. })) => return Ok(Err(detail)),
            other => absent_is_none(other)?,
        };
        let Some(found) = found else {
            return Ok(Err(match which {
                Which::Digest(digest) => format!("no document has the digest {digest}"),
                Which::Version(version) => format!("there is no version {version}"),
                Which::Latest => "nothing is published".to_owned(),
            }));
        };
        if hex::sha256(&found.document) != found.sha256 {
            return Ok(Err("the stored document does not have its digest".to_owned()));
        }
        Ok(match Snapshot::load(&found.document) {
            Ok(snapshot) => Ok((found.version, Arc::new(snapshot))),
            Err(fault) => Err(format!("the document cannot be loaded: {}", fault.detail)),
        })
    }
}

fn absent_is_none<T>(found: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(StoreError::Refused(Refusal::NotFound(_))) => Ok(None),
        Err(error) => Err(error),
    }
}
