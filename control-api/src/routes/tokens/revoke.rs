//! Revoking a token.

use axum::extract::State;
use axum::http::StatusCode;

use crate::auth::{Admin, Authorized};
use crate::extract::IfMatch;
use crate::extract::path::TokenId;
use crate::problem::Problem;
use crate::routes::problems::WriteProblems;
use crate::state::AppState;

/// Revoke a token: from now on it is worth nothing. It stays in lists and in the history. Again it
/// changes nothing.
#[utoipa::path(
    delete, path = "/tokens/{id}", tag = "tokens",
    params(
        ("id" = String, Path, description = "The token's id"),
        ("If-Match" = Option<String>, Header, description = "The version this change was made for")
    ),
    responses((status = 204, description = "Revoked"), WriteProblems)
)]
pub async fn revoke_token(
    State(state): State<AppState>,
    authorized: Authorized<Admin>,
    TokenId(id): TokenId,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, Problem> {
    state.store.revoke_token(&authorized.actor, &authorized.scope, id, expected).await?;
    Ok(StatusCode::NO_CONTENT)
}
