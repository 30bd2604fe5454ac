//! What publishing an environment, publishing an experiment and rolling back share.

use std::time::Duration;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;
use uuid::Uuid;

use crate::auth::{Authorized, Publisher};
use crate::domain::environment::{Environment, EnvironmentRef};
use crate::domain::version::{Version, VersionState};
use crate::extract::limits::MAX_PROSE_CHARS;
use crate::extract::{Faults, JsonBody};
use crate::problem::Problem;
use crate::publish::{ObjectStoreError, compile};
use crate::routes::views::VersionView;
use crate::state::AppState;
use crate::store::versions::{Material, Outcome};
use crate::store::{StoreError, now};

/// How long an answer waits for readers to see the version. The job goes on afterwards.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long the store may take to say which version it has, while the environment is held.
const STORE_PATIENCE: Duration = Duration::from_secs(5);

/// Records the next version, waits until its job is done, and answers its record.
pub(super) async fn publish(
    state: &AppState,
    authorized: &Authorized<Publisher>,
    which: &EnvironmentRef,
    material: Material,
    note: Option<&str>,
) -> Result<Response, Problem> {
    let ask = async |environment: &Environment| ask_store(state, environment).await;
    let now = now();
    let compile = move |contents| compile(contents, now);
    let outcome = state.store.prepare_version(&authorized.actor, which, material, note, ask, compile).await?;
    let (Outcome::Recorded(id) | Outcome::Unchanged(id)) = outcome;
    state.knock.notify_one();
    let version = wait_until_settled(state, id).await?;
    match version.state {
        VersionState::Failed => Err(Problem::conflict(
            "publish_failed",
            version.failure.unwrap_or_else(|| "The version could not be published.".to_owned()),
        )),
        VersionState::Pending => Ok(answer(StatusCode::ACCEPTED, version)),
        VersionState::Published => {
            if let Some(decide) = &state.decide {
                decide.refresh(&version.environment).await;
            }
            Ok(answer(StatusCode::OK, version))
        }
    }
}

/// The `note` of a publishing body.
pub(super) fn read_note(body: &JsonBody) -> Result<Option<String>, Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let note = fields.take("note", &mut faults);
    let note = note.and_then(|found| found.text(MAX_PROSE_CHARS, &mut faults));
    fields.close(&mut faults);
    faults.finish()?;
    Ok(note)
}

/// The version that the store has, once it is known to be fit for publishing.
async fn ask_store(state: &AppState, environment: &Environment) -> Result<Option<i64>, Problem> {
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

fn answer(status: StatusCode, version: Version) -> Response {
    (status, Json(VersionView::from(version))).into_response()
}
