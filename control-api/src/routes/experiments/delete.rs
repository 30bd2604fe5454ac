//! Deleting an experiment.

use axum::extract::State;
use axum::http::StatusCode;

use crate::auth::{Admin, Authorized};
use crate::domain::experiment::ExperimentRef;
use crate::extract::IfMatch;
use crate::problem::Problem;
use crate::routes::problems::WriteProblems;
use crate::state::AppState;

/// Delete a DRAFT or ARCHIVED experiment for good.
#[utoipa::path(
    delete, path = "/experiments/{id}", tag = "experiments",
    params(
        ("id" = String, Path, description = "The experiment's id, or `environment:key`"),
        ("If-Match" = Option<String>, Header, description = "The version this change was made for")
    ),
    responses((status = 204, description = "Deleted"), WriteProblems)
)]
pub async fn delete_experiment(
    State(state): State<AppState>,
    authorized: Authorized<Admin>,
    which: ExperimentRef,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, Problem> {
    state.store.delete_experiment(&authorized.actor, &which, expected).await?;
    Ok(StatusCode::NO_CONTENT)
}
