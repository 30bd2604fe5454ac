//! Listing environments.

use axum::Json;
use axum::extract::State;

use crate::auth::{Authorized, Viewer};
use crate::extract::query::Parameters;
use crate::problem::Problem;
use crate::routes::problems::ReadProblems;
use crate::routes::views::EnvironmentList;
use crate::state::AppState;

/// List all environments that the caller has to do with, by name.
#[utoipa::path(
    get, path = "/environments", tag = "environments",
    responses((status = 200, description = "All of them", body = EnvironmentList), ReadProblems)
)]
pub async fn list_environments(
    State(state): State<AppState>,
    authorized: Authorized<Viewer>,
    parameters: Parameters,
) -> Result<Json<EnvironmentList>, Problem> {
    parameters.finish()?;
    let environments = state.store.environments(&authorized.scope).await?;
    Ok(Json(EnvironmentList { items: environments.into_iter().map(Into::into).collect() }))
}
