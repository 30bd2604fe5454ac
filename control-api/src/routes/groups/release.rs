//! Releasing a slice of a group.

use axum::extract::State;
use axum::http::StatusCode;

use crate::auth::{Authorized, Editor};
use crate::domain::slice::Claim;
use crate::extract::IfMatch;
use crate::extract::path::{GroupRef, MemberKey};
use crate::problem::Problem;
use crate::routes::problems::WriteProblems;
use crate::state::AppState;

/// Give back an experiment's slice: its buckets are free for others. It stays a member. Not while it
/// is RUNNING.
#[utoipa::path(
    delete, path = "/groups/{id}/slices/{experimentKey}", tag = "groups",
    params(
        ("id" = String, Path, description = "The group's id, or `environment:key`"),
        ("experimentKey" = String, Path, description = "The key of a member"),
        ("If-Match" = Option<String>, Header, description = "The group's version")
    ),
    responses((status = 204, description = "Free for others"), WriteProblems)
)]
pub async fn release_slice(
    State(state): State<AppState>,
    authorized: Authorized<Editor>,
    GroupRef(which): GroupRef,
    MemberKey(experiment): MemberKey,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, Problem> {
    let claim = Claim::Release;
    state.store.claim_slice(&authorized.actor, &which, &experiment, expected, &claim).await?;
    Ok(StatusCode::NO_CONTENT)
}
