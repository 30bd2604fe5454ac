//! Deleting a metric.

use axum::extract::State;
use axum::http::StatusCode;

use crate::auth::{Authorized, Editor};
use crate::domain::metric::MetricRef;
use crate::extract::IfMatch;
use crate::problem::Problem;
use crate::routes::problems::WriteProblems;
use crate::state::AppState;

/// Delete a metric that no experiment uses.
#[utoipa::path(
    delete, path = "/metrics/{id}", tag = "metrics",
    params(
        ("id" = String, Path, description = "The metric's id, or `environment:key`"),
        ("If-Match" = Option<String>, Header, description = "The version this was decided on")
    ),
    responses((status = 204, description = "Deleted"), WriteProblems)
)]
pub async fn delete_metric(
    State(state): State<AppState>,
    authorized: Authorized<Editor>,
    which: MetricRef,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, Problem> {
    state.store.delete_metric(&authorized.actor, &which, expected).await?;
    Ok(StatusCode::NO_CONTENT)
}
