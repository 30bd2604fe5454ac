//! Listing tokens.

use axum::Json;
use axum::extract::State;
use uuid::Uuid;

use crate::auth::{Admin, Authorized};
use crate::extract::page::Page;
use crate::extract::query::Parameters;
use crate::problem::Problem;
use crate::routes::problems::ReadProblems;
use crate::routes::views::TokenList;
use crate::state::AppState;
use crate::store::tokens::TokenPage;

/// List tokens, revoked and expired ones too, newest first.
#[utoipa::path(
    get, path = "/tokens", tag = "tokens",
    params(
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "50 when absent")
    ),
    responses((status = 200, description = "A page", body = TokenList), ReadProblems)
)]
pub async fn list_tokens(
    State(state): State<AppState>,
    authorized: Authorized<Admin>,
    mut parameters: Parameters,
) -> Result<Json<TokenList>, Problem> {
    let page: Page<Uuid> = Page::take(&mut parameters)?;
    parameters.finish()?;
    let asked = TokenPage { after: page.after, limit: page.limit + 1 };
    let mut tokens = state.store.tokens(&authorized.scope, asked).await?;
    let next_cursor = page.cut(&mut tokens, |token| token.id);
    Ok(Json(TokenList { items: tokens.into_iter().map(Into::into).collect(), next_cursor }))
}
