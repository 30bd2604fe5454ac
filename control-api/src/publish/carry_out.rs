//! Carrying a recorded version to the store, step by step.
//!
//! Every step may already have happened, in this run or in one that was killed: each looks first,
//! and doing all of it again comes to the same.

use bytes::Bytes;
use thiserror::Error;

use super::binary::{BinaryForm, binary_form};
use super::failpoint;
use super::object_store::{BINARY, Condition, DOCUMENT, ObjectStore, Put};
use super::object_store_error::ObjectStoreError;
use super::pointer::{Audience, Pointer};
use crate::domain::version::Version;
use crate::store::versions::Documents;

/// Lost races for a pointer before the job goes back to the queue.
const MAX_RACES: u32 = 5;

/// Why a version did not get to the store.
#[derive(Debug, Error)]
pub enum PublishError {
    /// Another try may go better.
    #[error("{0}")]
    Transient(String),
    /// It never will. The text may be shown.
    #[error("{0}")]
    Permanent(String),
}

impl From<ObjectStoreError> for PublishError {
    fn from(error: ObjectStoreError) -> Self {
        match &error {
            ObjectStoreError::Unavailable(_) => Self::Transient(error.to_string()),
            // What the store answered stays in the logs: it may quote keys and addresses.
            ObjectStoreError::Denied { reason, .. } => {
                tracing::warn!(%error, "the store refuses the publisher");
                Self::Permanent(format!(
                    "The store refuses the publisher ({reason}). Its key has to get, put and delete \
                     objects and to list the bucket; publish again once it may."
                ))
            }
            ObjectStoreError::Unconditional | ObjectStoreError::Foreign(_) => {
                Self::Permanent(error.to_string())
            }
        }
    }
}

/// Puts both documents of a version at the store, their binary forms too, and lets both pointers name
/// them. The full pointer moves last: what servers see is never ahead of what pages see. Both are
/// looked at before either moves, so that a version that cannot reach servers does not reach pages
/// either.
pub async fn carry_out(
    store: &ObjectStore,
    version: &Version,
    documents: Documents,
) -> Result<(), PublishError> {
    failpoint::reach("after_row");
    let (full, client) = (Bytes::from(documents.full), Bytes::from(documents.client));
    put_document(store, version, Audience::Full, full.clone()).await?;
    failpoint::reach("after_snapshot_object");
    put_document(store, version, Audience::Client, client.clone()).await?;
    failpoint::reach("after_client_snapshot_object");
    let full = put_binary(store, version, Audience::Full, full).await?;
    failpoint::reach("after_binary_object");
    let client = put_binary(store, version, Audience::Client, client).await?;
    failpoint::reach("after_client_binary_object");
    for audience in [Audience::Client, Audience::Full] {
        next_move(store, version, audience).await?;
    }
    move_pointer(store, version, Audience::Client, client).await?;
    failpoint::reach("after_client_pointer");
    move_pointer(store, version, Audience::Full, full).await?;
    failpoint::reach("after_pointer");
    Ok(())
}

async fn put_document(
    store: &ObjectStore,
    version: &Version,
    audience: Audience,
    bytes: Bytes,
) -> Result<(), PublishError> {
    let pointer = Pointer::to_version(version, audience);
    let key = audience.folder(&version.environment) + &pointer.snapshot;
    store.put_immutable(&key, bytes, DOCUMENT).await?;
    Ok(())
}

/// Another release that carried this version before may have written another one, under its own
/// digest.
async fn put_binary(
    store: &ObjectStore,
    version: &Version,
    audience: Audience,
    document: Bytes,
) -> Result<Option<BinaryForm>, PublishError> {
    let number = version.version;
    // Loading the largest document takes a good part of a second.
    let derived = tokio::task::spawn_blocking(move || binary_form(number, &document)).await;
    let Some((form, bytes)) = derived.map_err(|error| PublishError::Transient(error.to_string()))? else {
        return Ok(None);
    };
    let key = audience.folder(&version.environment) + &form.path;
    store.put_immutable(&key, bytes, BINARY).await?;
    Ok(Some(form))
}

async fn move_pointer(
    store: &ObjectStore,
    version: &Version,
    audience: Audience,
    binary: Option<BinaryForm>,
) -> Result<(), PublishError> {
    let wanted = Pointer { binary, ..Pointer::to_version(version, audience) };
    for _ in 0..MAX_RACES {
        let Some(condition) = next_move(store, version, audience).await? else { return Ok(()) };
        let put = store.put_pointer(&version.environment, audience, &wanted, &condition).await?;
        if put == Put::Written {
            return Ok(());
        }
    }
    Err(PublishError::Transient("version.json changes all the time".to_owned()))
}

/// On what condition a pointer can move to the version; none: it names it already. Fails for good
/// when the pointer is past it.
async fn next_move(
    store: &ObjectStore,
    version: &Version,
    audience: Audience,
) -> Result<Option<Condition>, PublishError> {
    let wanted = Pointer::to_version(version, audience);
    match store.pointer(&version.environment, audience).await? {
        None => Ok(Some(Condition::Absent)),
        Some((present, _)) if present == wanted => Ok(None),
        Some((present, _)) if present.version >= wanted.version => Err(PublishError::Permanent(format!(
            "The store is at version {} already, which another publisher put there.",
            present.version
        ))),
        Some((_, etag)) => Ok(Some(Condition::Unchanged(etag))),
    }
}
