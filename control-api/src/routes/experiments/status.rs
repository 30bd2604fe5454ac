//! Status changes: one route that names the status, and one for each verb.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::auth::{Authorized, Publisher};
use crate::domain::experiment::ExperimentRef;
use crate::domain::key::MAX_KEY_BYTES;
use crate::domain::status::Status;
use crate::extract::if_match::etag;
use crate::extract::limits::MAX_NAME_CHARS;
use crate::extract::{Faults, Fields, IfMatch, JsonBody};
use crate::problem::Problem;
use crate::routes::bodies::{ChangeStatus, Conclude, Nothing};
use crate::routes::problems::WriteProblems;
use crate::routes::views::ExperimentView;
use crate::state::AppState;
use crate::store::experiments::Edit;
use crate::store::now;

/// Change an experiment's status. Readers see it with the next publish.
#[utoipa::path(
    patch, path = "/experiments/{id}/status", tag = "experiments", request_body = ChangeStatus,
    params(
        ("id" = String, Path, description = "The experiment's id, or `environment:key`"),
        ("If-Match" = Option<String>, Header, description = "The version this change was made for")
    ),
    responses((status = 200, description = "Changed", body = ExperimentView), WriteProblems)
)]
pub async fn change_experiment_status(
    state: State<AppState>,
    authorized: Authorized<Publisher>,
    which: ExperimentRef,
    expected: IfMatch,
    body: JsonBody,
) -> Result<Response, Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let to = read_status(&mut fields, &mut faults);
    let winner = fields.take("winner", &mut faults);
    if let (Some(found), true) = (&winner, to.is_some() && to != Some(Status::Concluded)) {
        faults.push(&found.at, "unexpected", "Only a CONCLUDED experiment has a winner.");
    }
    let winner = winner.and_then(|found| found.text(MAX_KEY_BYTES, &mut faults));
    fields.close(&mut faults);
    faults.finish()?;
    // A missing status was a fault.
    let to = to.unwrap_or(Status::Draft);
    transition(state, authorized, which, expected, to, winner).await
}

/// Start an experiment.
#[utoipa::path(
    post, path = "/experiments/{id}/start", tag = "experiments", request_body = Option<Nothing>,
    params(
        ("id" = String, Path, description = "The experiment's id, or `environment:key`"),
        ("If-Match" = Option<String>, Header, description = "The version this change was made for")
    ),
    responses((status = 200, description = "RUNNING", body = ExperimentView), WriteProblems)
)]
pub async fn start_experiment(
    state: State<AppState>,
    authorized: Authorized<Publisher>,
    which: ExperimentRef,
    expected: IfMatch,
    body: JsonBody,
) -> Result<Response, Problem> {
    read_nothing(&body)?;
    transition(state, authorized, which, expected, Status::Running, None).await
}

/// Pause an experiment.
#[utoipa::path(
    post, path = "/experiments/{id}/pause", tag = "experiments", request_body = Option<Nothing>,
    params(
        ("id" = String, Path, description = "The experiment's id, or `environment:key`"),
        ("If-Match" = Option<String>, Header, description = "The version this change was made for")
    ),
    responses((status = 200, description = "PAUSED", body = ExperimentView), WriteProblems)
)]
pub async fn pause_experiment(
    state: State<AppState>,
    authorized: Authorized<Publisher>,
    which: ExperimentRef,
    expected: IfMatch,
    body: JsonBody,
) -> Result<Response, Problem> {
    read_nothing(&body)?;
    transition(state, authorized, which, expected, Status::Paused, None).await
}

/// Conclude an experiment with a winner, which everyone who is targeted gets from then on.
#[utoipa::path(
    post, path = "/experiments/{id}/conclude", tag = "experiments", request_body = Conclude,
    params(
        ("id" = String, Path, description = "The experiment's id, or `environment:key`"),
        ("If-Match" = Option<String>, Header, description = "The version this change was made for")
    ),
    responses((status = 200, description = "CONCLUDED", body = ExperimentView), WriteProblems)
)]
pub async fn conclude_experiment(
    state: State<AppState>,
    authorized: Authorized<Publisher>,
    which: ExperimentRef,
    expected: IfMatch,
    body: JsonBody,
) -> Result<Response, Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let winner = fields.take("winner", &mut faults);
    let winner = winner.and_then(|found| found.text(MAX_KEY_BYTES, &mut faults));
    fields.close(&mut faults);
    faults.finish()?;
    transition(state, authorized, which, expected, Status::Concluded, winner).await
}

/// Archive an experiment for good.
#[utoipa::path(
    post, path = "/experiments/{id}/archive", tag = "experiments", request_body = Option<Nothing>,
    params(
        ("id" = String, Path, description = "The experiment's id, or `environment:key`"),
        ("If-Match" = Option<String>, Header, description = "The version this change was made for")
    ),
    responses((status = 200, description = "ARCHIVED", body = ExperimentView), WriteProblems)
)]
pub async fn archive_experiment(
    state: State<AppState>,
    authorized: Authorized<Publisher>,
    which: ExperimentRef,
    expected: IfMatch,
    body: JsonBody,
) -> Result<Response, Problem> {
    read_nothing(&body)?;
    transition(state, authorized, which, expected, Status::Archived, None).await
}

async fn transition(
    State(state): State<AppState>,
    authorized: Authorized<Publisher>,
    which: ExperimentRef,
    IfMatch(expected): IfMatch,
    to: Status,
    winner: Option<String>,
) -> Result<Response, Problem> {
    let (experiment, ()) = state
        .store
        .edit_experiment(&authorized.actor, Edit::Transition, &which, expected, |experiment| {
            experiment.transition(to, winner, now())
        })
        .await?;
    Ok((etag(experiment.version), Json(ExperimentView::from(experiment))).into_response())
}

fn read_status(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Status> {
    let Some(found) = fields.take("status", faults) else {
        fields.require("status", "Say which status.", faults);
        return None;
    };
    let text = found.text(MAX_NAME_CHARS, faults)?;
    let status = Status::parse(&text);
    if status.is_none() {
        let names = Status::ALL.map(Status::as_str).join(", ");
        faults.push(found.at, "unknown_status", format!("Statuses are {names}."));
    }
    status
}

fn read_nothing(body: &JsonBody) -> Result<(), Problem> {
    let mut faults = Faults::default();
    body.fields(&mut faults)?.close(&mut faults);
    Ok(faults.finish()?)
}
