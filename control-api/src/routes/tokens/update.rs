//! Changing a token.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use super::input;
use crate::auth::{Admin, Authorized};
use crate::domain::token::TokenPatch;
use crate::extract::if_match::etag;
use crate::extract::path::TokenId;
use crate::extract::{Faults, IfMatch, JsonBody};
use crate::problem::Problem;
use crate::routes::bodies::UpdateToken;
use crate::routes::problems::WriteProblems;
use crate::routes::views::TokenView;
use crate::state::AppState;

/// Change a token's name, role, environments or end. Its secret stays. Absent fields stay; null makes
/// it hold everywhere or for ever.
#[utoipa::path(
    patch, path = "/tokens/{id}", tag = "tokens", request_body = UpdateToken,
    params(
        ("id" = String, Path, description = "The token's id"),
        ("If-Match" = Option<String>, Header, description = "The version this change was made for")
    ),
    responses((status = 200, description = "Changed", body = TokenView), WriteProblems)
)]
pub async fn update_token(
    State(state): State<AppState>,
    authorized: Authorized<Admin>,
    TokenId(id): TokenId,
    IfMatch(expected): IfMatch,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let patch = TokenPatch {
        name: input::name(&mut fields, &mut faults),
        role: input::role(&mut fields, &mut faults),
        environments: input::environments(&mut fields, &mut faults),
        expires_at: input::expires_at(&mut fields, &mut faults),
    };
    fields.close(&mut faults);
    faults.finish()?;
    let store = &state.store;
    let token = store.update_token(&authorized.actor, &authorized.scope, id, expected, patch).await?;
    Ok((etag(token.version), Json(TokenView::from(token))))
}
