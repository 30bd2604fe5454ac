//! Listing groups.

use axum::Json;
use axum::extract::State;

use crate::auth::{Authorized, Viewer};
use crate::extract::query::Parameters;
use crate::problem::Problem;
use crate::routes::problems::ReadProblems;
use crate::routes::resources::read_listing;
use crate::routes::views::GroupList;
use crate::state::AppState;

/// List groups, newest first.
#[utoipa::path(
    get, path = "/groups", tag = "groups",
    params(
        ("environmentId" = Option<String>, Query, description = "Only of this environment (id or name)"),
        ("q" = Option<String>, Query, description = "Only with this text in key, name or description"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "50 when absent")
    ),
    responses((status = 200, description = "A page", body = GroupList), ReadProblems)
)]
pub async fn list_groups(
    State(state): State<AppState>,
    _: Authorized<Viewer>,
    parameters: Parameters,
) -> Result<Json<GroupList>, Problem> {
    let (listing, page) = read_listing(parameters)?;
    let mut groups = state.store.groups(&listing).await?;
    let next_cursor = page.cut(&mut groups, |group| group.id);
    let items = groups.into_iter().map(Into::into).collect();
    Ok(Json(GroupList { items, next_cursor }))
}
