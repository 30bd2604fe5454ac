//! Deleting a holdout.

use axum::extract::State;
use axum::http::StatusCode;

use crate::auth::{Authorized, Editor};
use crate::extract::IfMatch;
use crate::extract::path::HoldoutRef;
use crate::problem::Problem;
use crate::routes::problems::WriteProblems;
use crate::state::AppState;

/// Delete a holdout: its users take part again from the next publish on.
#[utoipa::path(
    delete, path = "/holdouts/{id}", tag = "holdouts",
    params(
        ("id" = String, Path, description = "The holdout's id, or `environment:key`"),
        ("If-Match" = Option<String>, Header, description = "The version this change was made for")
    ),
    responses((status = 204, description = "Deleted"), WriteProblems)
)]
pub async fn delete_holdout(
    State(state): State<AppState>,
    authorized: Authorized<Editor>,
    HoldoutRef(which): HoldoutRef,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, Problem> {
    state.store.delete_holdout(&authorized.actor, &which, expected).await?;
    Ok(StatusCode::NO_CONTENT)
}
