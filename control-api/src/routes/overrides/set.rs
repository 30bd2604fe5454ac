//! Pinning a user to a variant.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use crate::auth::{Authorized, Editor};
use crate::domain::experiment::ExperimentRef;
use crate::extract::if_match::etag;
use crate::extract::limits::MAX_NAME_CHARS;
use crate::extract::path::UserKey;
use crate::extract::{Faults, IfMatch, JsonBody};
use crate::problem::Problem;
use crate::routes::bodies::SetOverride;
use crate::routes::problems::WriteProblems;
use crate::routes::views::OverrideView;
use crate::state::AppState;

/// Pin a user to a variant, whatever rules, targeting and split say. Readers see it with the next
/// publish; pages never get overrides.
#[utoipa::path(
    put, path = "/experiments/{id}/overrides/{userKey}", tag = "experiments", request_body = SetOverride,
    params(
        ("id" = String, Path, description = "The experiment's id, or `environment:key`"),
        ("userKey" = String, Path, description = "1 to 512 bytes of UTF-8, percent-encoded"),
        ("If-Match" = Option<String>, Header, description = "The experiment's version")
    ),
    responses((status = 200, description = "Pinned", body = OverrideView), WriteProblems)
)]
pub async fn set_override(
    State(state): State<AppState>,
    authorized: Authorized<Editor>,
    UserKey(user_key): UserKey,
    which: ExperimentRef,
    IfMatch(expected): IfMatch,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let variant = fields.take("variant", &mut faults);
    if variant.is_none() {
        fields.require("variant", "Name the variant that the user is to get.", &mut faults);
    }
    let variant = variant.and_then(|found| found.text(MAX_NAME_CHARS, &mut faults));
    fields.close(&mut faults);
    faults.finish()?;
    // A missing variant was a fault.
    let variant = variant.unwrap_or_default();
    let version =
        state.store.set_override(&authorized.actor, &which, expected, &user_key, Some(&variant)).await?;
    Ok((etag(version), Json(OverrideView { user_key, variant, version })))
}
