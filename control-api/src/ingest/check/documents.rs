//! The documents that exposures name, loaded, a few of them kept.

use std::sync::Arc;

use lotwise_core::Snapshot;
use uuid::Uuid;

use crate::domain::event::Source;
use crate::hex;
use crate::store::events::UncheckedExposure;
use crate::store::{Store, StoreResult};

/// A loaded snapshot of a thousand experiments takes half a megabyte.
const KEPT: usize = 16;

/// What an exposure says that it was decided on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Named {
    environment: Uuid,
    version: Option<i64>,
    digest: Option<Vec<u8>>,
    is_assign: bool,
}

/// What there is of that name.
#[derive(Clone, Debug)]
pub(super) enum Opened {
    /// It can be decided on.
    Found(Arc<Snapshot>),
    /// No such version was published.
    UnknownVersion,
    /// No document has this digest.
    UnknownDigest,
}

/// Loaded documents, those last used first.
#[derive(Debug, Default)]
pub(super) struct Documents(Vec<(Named, Arc<Snapshot>)>);

impl Named {
    /// None: it names nothing.
    pub(super) fn by(exposure: &UncheckedExposure) -> Option<Self> {
        let (version, digest) = (exposure.config_version, exposure.snapshot_sha256.clone());
        if version.is_none() && digest.is_none() {
            return None;
        }
        let is_assign = exposure.source == Source::Assign.code();
        Some(Self { environment: exposure.environment_id, version, digest, is_assign })
    }
}

impl Documents {
    /// Loads a document, unless it is held. What there is not today may be there tomorrow: that is not kept.
    pub(super) async fn open(&mut self, store: &Store, named: &Named) -> StoreResult<Opened> {
        if let Some(place) = self.0.iter().position(|(held, _)| held == named) {
            let entry = self.0.remove(place);
            let snapshot = Arc::clone(&entry.1);
            self.0.insert(0, entry);
            return Ok(Opened::Found(snapshot));
        }
        let Some(bytes) = find(store, named).await? else {
            let is_known = match named.version {
                Some(version) => store.has_version(named.environment, version).await?,
                None => true,
            };
            return Ok(if is_known { Opened::UnknownDigest } else { Opened::UnknownVersion });
        };
        let Ok(Ok(snapshot)) = tokio::task::spawn_blocking(move || Snapshot::load(&bytes)).await else {
            // Nobody can have decided on it.
            return Ok(Opened::UnknownDigest);
        };
        let snapshot = Arc::new(snapshot);
        self.0.insert(0, (named.clone(), Arc::clone(&snapshot)));
        self.0.truncate(KEPT);
        Ok(Opened::Found(snapshot))
    }
}

async fn find(store: &Store, named: &Named) -> StoreResult<Option<Vec<u8>>> {
    if named.is_assign
        && let Some(digest) = &named.digest
    {
        return store.assigned_document(digest).await;
    }
    let digest = named.digest.as_deref().map(hex::encode);
    store.exposed_document(named.environment, named.version, digest.as_deref()).await
}
