//! Deleting a group.

use axum::extract::State;
use axum::http::StatusCode;

use crate::auth::{Authorized, Editor};
use crate::extract::IfMatch;
use crate::extract::path::GroupRef;
use crate::problem::Problem;
use crate::routes::problems::WriteProblems;
use crate::state::AppState;

/// Delete a group without members. 409 names those that it has.
#[utoipa::path(
    delete, path = "/groups/{id}", tag = "groups",
    params(
        ("id" = String, Path, description = "The group's id, or `environment:key`"),
        ("If-Match" = Option<String>, Header, description = "The version this change was made for")
    ),
    responses((status = 204, description = "Deleted"), WriteProblems)
)]
pub async fn delete_group(
    State(state): State<AppState>,
    authorized: Authorized<Editor>,
    GroupRef(which): GroupRef,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, Problem> {
    state.store.delete_group(&authorized.actor, &which, expected).await?;
    Ok(StatusCode::NO_CONTENT)
}
