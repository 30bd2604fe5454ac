//! Letting a pinned user go.

use axum::extract::State;
use axum::http::StatusCode;

use crate::auth::{Authorized, Editor};
use crate::domain::experiment::ExperimentRef;
use crate::extract::IfMatch;
use crate::extract::path::UserKey;
use crate::problem::Problem;
use crate::routes::problems::WriteProblems;
use crate::state::AppState;

/// Let a pinned user go.
#[utoipa::path(
    delete, path = "/experiments/{id}/overrides/{userKey}", tag = "experiments",
    params(
        ("id" = String, Path, description = "The experiment's id, or `environment:key`"),
        ("userKey" = String, Path, description = "1 to 512 bytes of UTF-8, percent-encoded"),
        ("If-Match" = Option<String>, Header, description = "The experiment's version")
    ),
    responses((status = 204, description = "No longer pinned"), WriteProblems)
)]
pub async fn remove_override(
    State(state): State<AppState>,
    authorized: Authorized<Editor>,
    UserKey(user_key): UserKey,
    which: ExperimentRef,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, Problem> {
    state.store.set_override(&authorized.actor, &which, expected, &user_key, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
