//! The kill switch.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::auth::{Authorized, Publisher};
use crate::domain::environment::Environment;
use crate::domain::experiment::ExperimentRef;
use crate::domain::version::VersionState;
use crate::extract::limits::MAX_PROSE_CHARS;
use crate::extract::{Faults, IfMatch, JsonBody};
use crate::problem::Problem;
use crate::publish::{Consent, prepare};
use crate::routes::bodies::Kill;
use crate::routes::problems::WriteProblems;
use crate::routes::publishing::{ask_store, settle, status_of};
use crate::routes::views::KillView;
use crate::state::AppState;
use crate::store::now;

/// Tries when a version that was under way fails meanwhile, and with it the one that was made from it.
const TRIES: usize = 3;

/// Kill an experiment: it is paused, and what was published last is published again without it, nothing
/// else. Edits that are not published yet stay unpublished, and cannot stand in the way. Everyone who had a
/// variant of it has none from then on; no `confirm` is asked for. Killing it again changes nothing. A
/// concluded experiment loses its winner.
#[utoipa::path(
    post, path = "/experiments/{id}/kill", tag = "publishing", request_body = Option<Kill>,
    params(
        ("id" = String, Path, description = "The experiment's id, or `environment:key`"),
        ("If-Match" = Option<String>, Header, description = "The experiment's version")
    ),
    responses(
        (status = 200, description = "Readers do not see it any more", body = KillView),
        (status = 202, description = "Paused and recorded; publishing goes on as soon as the store answers", body = KillView),
        WriteProblems
    )
)]
pub async fn kill_experiment(
    State(state): State<AppState>,
    authorized: Authorized<Publisher>,
    which: ExperimentRef,
    IfMatch(mut expected): IfMatch,
    body: JsonBody,
) -> Result<Response, Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let note = fields.take("note", &mut faults);
    let note = note.and_then(|found| found.text(MAX_PROSE_CHARS, &mut faults));
    fields.close(&mut faults);
    faults.finish()?;

    let mut tries = 1;
    loop {
        let ask = async |environment: &Environment| ask_store(&state, environment).await.ok().flatten();
        let now = now();
        let compile = move |contents| prepare(contents, &Consent::NotNeeded, now);
        let killed = state
            .store
            .kill_experiment(&authorized.actor, &which, expected, note.as_deref(), ask, compile)
            .await?;
        expected = None;
        let version = match killed.outcome {
            Some(outcome) => Some(settle(&state, outcome).await?),
            None => None,
        };
        let failed = version.as_ref().is_some_and(|it| it.state == VersionState::Failed);
        if failed && tries < TRIES {
            tries += 1;
            continue;
        }
        let status = version.as_ref().map_or(Ok(StatusCode::OK), status_of)?;
        let view = KillView { experiment: killed.experiment.into(), version: version.map(Into::into) };
        return Ok((status, Json(view)).into_response());
    }
}
