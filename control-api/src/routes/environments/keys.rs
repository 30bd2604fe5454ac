//! Keys of an environment.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use uuid::Uuid;

use crate::auth::{Admin, Authorized, refresh_keys};
use crate::domain::credential::NewCredential;
use crate::domain::environment::EnvironmentRef;
use crate::domain::environment_key::KeyKind;
use crate::extract::if_match::etag;
use crate::extract::limits::MAX_NAME_CHARS;
use crate::extract::page::Page;
use crate::extract::path::KeyId;
use crate::extract::query::Parameters;
use crate::extract::{Faults, Fields, IfMatch, JsonBody};
use crate::problem::Problem;
use crate::routes::bodies::CreateEnvironmentKey;
use crate::routes::problems::{ReadProblems, WriteProblems};
use crate::routes::tokens::credential_name;
use crate::routes::views::{EnvironmentKeyList, NewEnvironmentKeyView};
use crate::state::AppState;

/// Make a key of an environment. `key` in the answer is shown this once and kept as a digest.
#[utoipa::path(
    post, path = "/environments/{id}/keys", tag = "environments", request_body = CreateEnvironmentKey,
    params(("id" = String, Path, description = "The environment's id or name")),
    responses((status = 201, description = "Made", body = NewEnvironmentKeyView), WriteProblems)
)]
pub async fn create_environment_key(
    State(state): State<AppState>,
    authorized: Authorized<Admin>,
    which: EnvironmentRef,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let kind = read_kind(&mut fields, &mut faults);
    let name = credential_name(&mut fields, &mut faults);
    fields.close(&mut faults);
    faults.finish()?;
    // A missing kind was a fault.
    let kind = kind.unwrap_or(KeyKind::Publishable);
    let name = name.unwrap_or_else(|| kind.as_str().to_owned());

    let credential = NewCredential::generate(kind.credential()).map_err(|error| Problem::internal(&error))?;
    let key = state.store.create_environment_key(&authorized.actor, &which, kind, &name, &credential).await?;
    refresh(&state).await;
    let headers = [
        (header::LOCATION, format!("/api/environments/{}/keys/{}", key.environment_id, key.id)),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    let etag = etag(key.version);
    let view = NewEnvironmentKeyView { made: key.into(), key: credential.text };
    Ok((StatusCode::CREATED, headers, etag, Json(view)))
}

/// List an environment's keys, revoked ones too, newest first.
#[utoipa::path(
    get, path = "/environments/{id}/keys", tag = "environments",
    params(
        ("id" = String, Path, description = "The environment's id or name"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "50 when absent")
    ),
    responses((status = 200, description = "A page", body = EnvironmentKeyList), ReadProblems)
)]
pub async fn list_environment_keys(
    State(state): State<AppState>,
    _: Authorized<Admin>,
    which: EnvironmentRef,
    mut parameters: Parameters,
) -> Result<Json<EnvironmentKeyList>, Problem> {
    let page: Page<Uuid> = Page::take(&mut parameters)?;
    parameters.finish()?;
    let mut keys = state.store.environment_keys(&which, page.after, page.limit + 1).await?;
    let next_cursor = page.cut(&mut keys, |key| key.id);
    Ok(Json(EnvironmentKeyList { items: keys.into_iter().map(Into::into).collect(), next_cursor }))
}

/// Revoke a key of an environment. This process refuses it at once, others within five seconds. It
/// stays in lists and in the history. Again it changes nothing.
#[utoipa::path(
    delete, path = "/environments/{id}/keys/{keyId}", tag = "environments",
    params(
        ("id" = String, Path, description = "The environment's id or name"),
        ("keyId" = String, Path, description = "The key's id"),
        ("If-Match" = Option<String>, Header, description = "The version this change was made for")
    ),
    responses((status = 204, description = "Revoked"), WriteProblems)
)]
pub async fn revoke_environment_key(
    State(state): State<AppState>,
    authorized: Authorized<Admin>,
    which: EnvironmentRef,
    KeyId(id): KeyId,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, Problem> {
    state.store.revoke_environment_key(&authorized.actor, &which, id, expected).await?;
    refresh(&state).await;
    Ok(StatusCode::NO_CONTENT)
}

fn read_kind(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<KeyKind> {
    let Some(found) = fields.take("kind", faults) else {
        fields.require("kind", "A key is publishable (for pages) or secret (for servers).", faults);
        return None;
    };
    let text = found.text(MAX_NAME_CHARS, faults)?;
    let kind = KeyKind::parse(&text);
    if kind.is_none() {
        faults.push(&found.at, "unknown_kind", "Kinds are publishable and secret.");
    }
    kind
}

/// What was done is done, whether or not this process knows at once: it looks again in a moment.
async fn refresh(state: &AppState) {
    if let Err(error) = refresh_keys(state).await {
        tracing::warn!(%error, "the keys of environments cannot be read");
    }
}
