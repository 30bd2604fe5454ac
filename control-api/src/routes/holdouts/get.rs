//! Reading one holdout.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use crate::auth::{Authorized, Viewer};
use crate::extract::if_match::etag;
use crate::extract::path::HoldoutRef;
use crate::problem::Problem;
use crate::routes::problems::ReadProblems;
use crate::routes::views::HoldoutView;
use crate::state::AppState;

/// Read a holdout.
#[utoipa::path(
    get, path = "/holdouts/{id}", tag = "holdouts",
    params(("id" = String, Path, description = "The holdout's id, or `environment:key`")),
    responses((status = 200, description = "The holdout", body = HoldoutView), ReadProblems)
)]
pub async fn get_holdout(
    State(state): State<AppState>,
    _: Authorized<Viewer>,
    HoldoutRef(which): HoldoutRef,
) -> Result<impl IntoResponse, Problem> {
    let holdout = state.store.holdout(&which).await?;
    Ok((etag(holdout.version), Json(HoldoutView::from(holdout))))
}
