//! Reading one environment.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use crate::auth::{Authorized, Viewer};
use crate::domain::environment::EnvironmentRef;
use crate::extract::if_match::etag;
use crate::problem::Problem;
use crate::routes::problems::ReadProblems;
use crate::routes::views::EnvironmentView;
use crate::state::AppState;

/// Read an environment, by its id or its name.
#[utoipa::path(
    get, path = "/environments/{id}", tag = "environments",
    params(("id" = String, Path, description = "The environment's id or name")),
    responses((status = 200, description = "The environment", body = EnvironmentView), ReadProblems)
)]
pub async fn get_environment(
    State(state): State<AppState>,
    _: Authorized<Viewer>,
    which: EnvironmentRef,
) -> Result<impl IntoResponse, Problem> {
    let environment = state.store.environment(&which).await?;
    Ok((etag(environment.version), Json(EnvironmentView::from(environment))))
}
