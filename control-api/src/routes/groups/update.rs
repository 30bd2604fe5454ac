//! Changing a group.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use crate::auth::{Authorized, Editor};
use crate::extract::if_match::etag;
use crate::extract::limits::MAX_NAME_CHARS;
use crate::extract::path::GroupRef;
use crate::extract::{Faults, IfMatch, JsonBody};
use crate::problem::Problem;
use crate::routes::bodies::UpdateGroup;
use crate::routes::problems::WriteProblems;
use crate::routes::resources::read_description;
use crate::routes::views::GroupView;
use crate::state::AppState;
use crate::store::groups::GroupPatch;

/// Change what a group is called. Its mode, salt and `bucketBy` decide who is in which member and
/// stay.
#[utoipa::path(
    patch, path = "/groups/{id}", tag = "groups", request_body = UpdateGroup,
    params(
        ("id" = String, Path, description = "The group's id, or `environment:key`"),
        ("If-Match" = Option<String>, Header, description = "The version this change was made for")
    ),
    responses((status = 200, description = "Changed", body = GroupView), WriteProblems)
)]
pub async fn update_group(
    State(state): State<AppState>,
    authorized: Authorized<Editor>,
    GroupRef(which): GroupRef,
    IfMatch(expected): IfMatch,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let name = fields.take_nullable("name", &mut faults);
    let name = name.and_then(|found| found.name(MAX_NAME_CHARS, &mut faults));
    let description = read_description(&mut fields, &mut faults);
    fields.close(&mut faults);
    faults.finish()?;
    let patch = GroupPatch { name, description };
    let group = state.store.edit_group(&authorized.actor, &which, expected, patch).await?;
    Ok((etag(group.version), Json(GroupView::from(group))))
}
