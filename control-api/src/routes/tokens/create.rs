//! Making a token.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use super::input;
use crate::auth::{Admin, Authorized};
use crate::domain::credential::{CredentialKind, NewCredential};
use crate::domain::role::Role;
use crate::domain::token::NewToken;
use crate::extract::if_match::etag;
use crate::extract::{Faults, JsonBody};
use crate::problem::Problem;
use crate::routes::bodies::CreateToken;
use crate::routes::problems::WriteProblems;
use crate::routes::views::NewTokenView;
use crate::state::AppState;

/// Make a token. `token` in the answer is shown this once and kept as a digest. A token that holds for
/// some environments only makes tokens for some of those only.
#[utoipa::path(
    post, path = "/tokens", tag = "tokens", request_body = CreateToken,
    responses((status = 201, description = "Made", body = NewTokenView), WriteProblems)
)]
pub async fn create_token(
    State(state): State<AppState>,
    authorized: Authorized<Admin>,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let name = input::required_name(&mut fields, &mut faults);
    let role = input::required_role(&mut fields, &mut faults);
    let new = NewToken {
        // What is missing was a fault.
        name: name.unwrap_or_default(),
        role: role.unwrap_or(Role::Viewer),
        environments: input::environments(&mut fields, &mut faults).flatten(),
        expires_at: input::expires_at(&mut fields, &mut faults).flatten(),
    };
    fields.close(&mut faults);
    faults.finish()?;

    let credential =
        NewCredential::generate(CredentialKind::Token).map_err(|error| Problem::internal(&error))?;
    let token = state.store.create_token(&authorized.actor, &authorized.scope, new, &credential).await?;
    let headers = [
        (header::LOCATION, format!("/api/tokens/{}", token.id)),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    let etag = etag(token.version);
    let view = NewTokenView { made: token.into(), token: credential.text };
    Ok((StatusCode::CREATED, headers, etag, Json(view)))
}
