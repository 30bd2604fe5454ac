//! Reading one group.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use crate::auth::{Authorized, Viewer};
use crate::extract::if_match::etag;
use crate::extract::path::GroupRef;
use crate::problem::Problem;
use crate::routes::problems::ReadProblems;
use crate::routes::views::GroupView;
use crate::state::AppState;

/// Read a group with its members and what they hold.
#[utoipa::path(
    get, path = "/groups/{id}", tag = "groups",
    params(("id" = String, Path, description = "The group's id, or `environment:key`")),
    responses((status = 200, description = "The group", body = GroupView), ReadProblems)
)]
pub async fn get_group(
    State(state): State<AppState>,
    _: Authorized<Viewer>,
    GroupRef(which): GroupRef,
) -> Result<impl IntoResponse, Problem> {
    let group = state.store.group(&which).await?;
    Ok((etag(group.version), Json(GroupView::from(group))))
}
