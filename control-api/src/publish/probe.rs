//! Finding out whether a store keeps the promise of conditional writes.
//!
//! A store that ignores the conditions lets two publishers overwrite each other without either
//! noticing, so it has to be found out before the first publish.

use bytes::Bytes;
use uuid::Uuid;

use super::object_store::{Condition, Kind, ObjectStore, Put};
use super::object_store_error::ObjectStoreError;

/// No environment's name can begin with a dot.
const RESERVED_FOLDER: &str = ".lotwise";

const PROBE: Kind = Kind { content_type: "application/json", cache_control: "no-store" };

/// Whether a write over what must be absent, and one over what must be another, are both refused.
pub(super) async fn probe(store: &ObjectStore) -> Result<bool, ObjectStoreError> {
    let key = format!("{RESERVED_FOLDER}/probe-{}.json", Uuid::now_v7());
    let works = try_conditions(store, &key).await;
    if let Err(error) = store.delete(&key).await {
        tracing::warn!(%error, key, "a probe object was left at the store");
    }
    match works {
        Err(ObjectStoreError::Unconditional) => Ok(false),
        answer => answer,
    }
}

async fn try_conditions(store: &ObjectStore, key: &str) -> Result<bool, ObjectStoreError> {
    let put = |condition: Condition| async move {
        store.put(key, Bytes::from_static(b"{}"), PROBE, &condition).await
    };
    if put(Condition::Absent).await? != Put::Written {
        return Ok(false);
    }
    let over_present = put(Condition::Absent).await?;
    let over_other = put(Condition::Unchanged("\"00000000000000000000000000000000\"".to_owned())).await?;
    Ok(over_present == Put::ConditionFailed && over_other == Put::ConditionFailed)
}
