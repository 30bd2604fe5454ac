//! What publishing an environment, publishing an experiment, rolling back and killing share.

mod body;

use std::time::Duration;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;
use uuid::Uuid;

pub(super) use body::{PublishBody, TakesOnly};

use crate::auth::{Authorized, Publisher};
use crate::domain::environment::{Environment, EnvironmentRef};
use crate::domain::preview::Preview;
use crate::domain::version::{Version, VersionState};
use crate::problem::Problem;
use crate::publish::{Consent, ObjectStoreError, prepare, preview};
use crate::routes::views::PublishView;
use crate::state::AppState;
use crate::store::versions::{Material, Outcome};
use crate::store::{StoreError, now};

/// How long an answer waits for readers to see the version. The job goes on afterwards.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long the store may take to say which version it has, while the environment is held.
const STORE_PATIENCE: Duration = Duration::from_secs(5);

/// Does what was asked for, or says what it would do.
pub(super) async fn publish_or_preview(
    state: &AppState,
    authorized: &Authorized<Publisher>,
    which: &EnvironmentRef,
    material: Material,
    body: PublishBody,
    dry_run: bool,
) -> Result<Response, Problem> {
    let material = match body.only {
        Some(keys) => Material::Only(keys),
        None => material,
    };
    if !dry_run {
        let consent = body.confirm.map_or(Consent::None, Consent::Given);
        return publish(state, authorized, which, &material, body.note.as_deref(), consent).await;
    }
    let mut subjects = body.subjects;
    if body.sample_exposures {
        subjects = Some(state.store.recent_subjects(which).await?);
    }
    let contents = state.store.version_contents(which, &material).await?;
    let now = now();
    let previewing = tokio::task::spawn_blocking(move || preview(contents, subjects.as_deref(), now));
    let preview: Preview = previewing.await.map_err(|error| Problem::internal(&error))??;
    Ok(Json(PublishView::Preview(Box::new(preview))).into_response())
}

/// Records the next version, waits until its job is done, and answers its record.
async fn publish(
    state: &AppState,
    authorized: &Authorized<Publisher>,
    which: &EnvironmentRef,
    material: &Material,
    note: Option<&str>,
    consent: Consent,
) -> Result<Response, Problem> {
    let ask = async |environment: &Environment| ask_store(state, environment).await;
    let now = now();
    let compile = move |contents| prepare(contents, &consent, now);
    let outcome = state.store.prepare_version(&authorized.actor, which, material, note, ask, compile).await?;
    let version = settle(state, outcome).await?;
    let status = status_of(&version)?;
    Ok((status, Json(PublishView::Version(Box::new(version.into())))).into_response())
}

/// Waits until the version of an outcome is at readers, has failed, or takes too long.
pub(super) async fn settle(state: &AppState, outcome: Outcome) -> Result<Version, Problem> {
    let (Outcome::Recorded(id) | Outcome::Unchanged(id)) = outcome;
    state.knock.notify_one();
    let version = wait_until_settled(state, id).await?;
    if version.state == VersionState::Published
        && let Some(decide) = &state.decide
    {
        decide.refresh(&version.environment).await;
    }
    Ok(version)
}

/// The status of an answer that shows a version that was just published.
pub(super) fn status_of(version: &Version) -> Result<StatusCode, Problem> {
    match version.state {
        VersionState::Failed => Err(Problem::conflict(
            "publish_failed",
            version.failure.clone().unwrap_or_else(|| "The version could not be published.".to_owned()),
        )),
        VersionState::Pending => Ok(StatusCode::ACCEPTED),
        VersionState::Published => Ok(StatusCode::OK),
    }
}

/// The version that the store has, once it is known to be fit for publishing.
pub(super) async fn ask_store(state: &AppState, environment: &Environment) -> Result<Option<i64>, Problem> {
    let asking = async {
        let published = state.objects.published_version(&environment.name).await?;
        state.objects.require_conditional_writes().await?;
        Ok(published)
    };
    let late = || Err(ObjectStoreError::Unavailable("no answer in time".to_owned()));
    let answer = tokio::time::timeout(STORE_PATIENCE, asking).await;
    answer.unwrap_or_else(|_| late()).map_err(Problem::from)
}

async fn wait_until_settled(state: &AppState, id: Uuid) -> Result<Version, StoreError> {
    let deadline = Instant::now() + PATIENCE;
    let mut pause = Duration::from_millis(5);
    loop {
        let version = state.store.version_by_id(id).await?;
        if version.state != VersionState::Pending || Instant::now() >= deadline {
            return Ok(version);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(100));
    }
}
