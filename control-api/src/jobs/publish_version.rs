//! The job that carries a version to the store.

use std::time::Instant;

use serde::Deserialize;
use uuid::Uuid;

use super::JobEnd;
use crate::domain::version::VersionState;
use crate::prometheus;
use crate::publish::{ObjectStore, PublishError, carry_out, failpoint};
use crate::store::jobs::Job;
use crate::store::{Store, StoreError};

#[derive(Deserialize)]
struct Payload {
    version_id: Uuid,
}

pub(super) async fn run(store: &Store, objects: &ObjectStore, job: &Job) -> JobEnd {
    let Ok(Payload { version_id }) = serde_json::from_str(&job.payload) else {
        return JobEnd::Finished(Some("unreadable payload".to_owned()));
    };
    let started = Instant::now();
    let outcome = publish(store, objects, version_id).await;
    let word = match &outcome {
        Ok(()) => "published",
        Err(PublishError::Transient(_)) => "retried",
        Err(PublishError::Permanent(_)) => "failed",
    };
    prometheus::published(word, started.elapsed());
    match outcome {
        Ok(()) => JobEnd::Finished(None),
        Err(PublishError::Transient(cause)) => JobEnd::Retry(cause),
        Err(PublishError::Permanent(cause)) => {
            tracing::error!(version = %version_id, cause, "publishing failed for good");
            match store.settle_version(version_id, Some(&cause)).await {
                Ok(()) => JobEnd::Finished(Some(cause)),
                Err(error) => JobEnd::Retry(error.to_string()),
            }
        }
    }
}

async fn publish(store: &Store, objects: &ObjectStore, id: Uuid) -> Result<(), PublishError> {
    let version = store.version_by_id(id).await?;
    if version.state != VersionState::Pending {
        return Ok(());
    }
    if store.has_lost_its_comparison(id).await? {
        return Err(PublishError::Permanent(
            "The version before it, which it was compared with, never reached readers. Publish again."
                .to_owned(),
        ));
    }
    objects.require_conditional_writes().await?;
    let documents = store.documents(id).await?;
    carry_out(objects, &version, documents).await?;
    failpoint::reach("before_done");
    store.settle_version(id, None).await?;
    failpoint::reach("after_published");
    tracing::info!(environment = version.environment, version = version.version, "published");
    Ok(())
}

impl From<StoreError> for PublishError {
    fn from(error: StoreError) -> Self {
        Self::Transient(error.to_string())
    }
}
