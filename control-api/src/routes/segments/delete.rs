//! Deleting a segment.

use axum::extract::State;
use axum::http::StatusCode;

use crate::auth::{Authorized, Editor};
use crate::extract::IfMatch;
use crate::extract::path::SegmentRef;
use crate::problem::Problem;
use crate::routes::problems::WriteProblems;
use crate::state::AppState;

/// Delete a segment that no experiment and no other segment names. 409 names those that do.
#[utoipa::path(
    delete, path = "/segments/{id}", tag = "segments",
    params(
        ("id" = String, Path, description = "The segment's id, or `environment:key`"),
        ("If-Match" = Option<String>, Header, description = "The version this change was made for")
    ),
    responses((status = 204, description = "Deleted"), WriteProblems)
)]
pub async fn delete_segment(
    State(state): State<AppState>,
    authorized: Authorized<Editor>,
    SegmentRef(which): SegmentRef,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, Problem> {
    state.store.delete_segment(&authorized.actor, &which, expected).await?;
    Ok(StatusCode::NO_CONTENT)
}
