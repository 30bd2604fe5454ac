//! Reading one token.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use crate::auth::{Admin, Authorized};
use crate::extract::if_match::etag;
use crate::extract::path::TokenId;
use crate::problem::Problem;
use crate::routes::problems::ReadProblems;
use crate::routes::views::TokenView;
use crate::state::AppState;

/// Read a token, without its secret, which is nowhere.
#[utoipa::path(
    get, path = "/tokens/{id}", tag = "tokens",
    params(("id" = String, Path, description = "The token's id")),
    responses((status = 200, description = "The token", body = TokenView), ReadProblems)
)]
pub async fn get_token(
    State(state): State<AppState>,
    authorized: Authorized<Admin>,
    TokenId(id): TokenId,
) -> Result<impl IntoResponse, Problem> {
    let token = state.store.token(id, &authorized.scope).await?;
    Ok((etag(token.version), Json(TokenView::from(token))))
}
