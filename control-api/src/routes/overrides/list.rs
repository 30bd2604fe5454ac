//! Listing overrides.

use axum::Json;
use axum::extract::State;

use crate::auth::{Authorized, Viewer};
use crate::domain::experiment::ExperimentRef;
use crate::extract::page::Page;
use crate::extract::query::{Parameters, invalid};
use crate::hex;
use crate::problem::Problem;
use crate::routes::problems::ReadProblems;
use crate::routes::views::{OverrideList, OverrideView};
use crate::state::AppState;

/// List the users that an experiment pins to a variant, in the order of their keys' bytes.
#[utoipa::path(
    get, path = "/experiments/{id}/overrides", tag = "experiments",
    params(
        ("id" = String, Path, description = "The experiment's id, or `environment:key`"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "50 when absent")
    ),
    responses((status = 200, description = "A page", body = OverrideList), ReadProblems)
)]
pub async fn list_overrides(
    State(state): State<AppState>,
    _: Authorized<Viewer>,
    which: ExperimentRef,
    mut parameters: Parameters,
) -> Result<Json<OverrideList>, Problem> {
    let page: Page<String> = Page::take(&mut parameters)?;
    parameters.finish()?;
    // User keys may hold anything, so a cursor has them in hex.
    let after = match &page.after {
        None => None,
        Some(cursor) => {
            Some(hex::decode(cursor).ok_or_else(|| invalid("cursor", "is not one that was given out"))?)
        }
    };
    let (version, mut overrides) = state.store.overrides(&which, after.as_deref(), page.limit + 1).await?;
    let next_cursor = page.cut(&mut overrides, |(user_key, _)| hex::encode(user_key.as_bytes()));
    let items = overrides
        .into_iter()
        .map(|(user_key, variant)| OverrideView { user_key, variant, version })
        .collect();
    Ok(Json(OverrideList { items, next_cursor }))
}
