//! Listing holdouts.

use axum::Json;
use axum::extract::State;

use crate::auth::{Authorized, Viewer};
use crate::extract::query::Parameters;
use crate::problem::Problem;
use crate::routes::problems::ReadProblems;
use crate::routes::resources::read_listing;
use crate::routes::views::HoldoutList;
use crate::state::AppState;

/// List holdouts, newest first.
#[utoipa::path(
    get, path = "/holdouts", tag = "holdouts",
    params(
        ("environmentId" = Option<String>, Query, description = "Only of this environment (id or name)"),
        ("q" = Option<String>, Query, description = "Only with this text in key, name or description"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "50 when absent")
    ),
    responses((status = 200, description = "A page", body = HoldoutList), ReadProblems)
)]
pub async fn list_holdouts(
    State(state): State<AppState>,
    _: Authorized<Viewer>,
    parameters: Parameters,
) -> Result<Json<HoldoutList>, Problem> {
    let (listing, page) = read_listing(parameters)?;
    let mut holdouts = state.store.holdouts(&listing).await?;
    let next_cursor = page.cut(&mut holdouts, |holdout| holdout.id);
    let items = holdouts.into_iter().map(Into::into).collect();
    Ok(Json(HoldoutList { items, next_cursor }))
}
