//! Publishing an environment.

use axum::extract::State;
use axum::response::Response;

use crate::auth::{Authorized, Publisher};
use crate::domain::environment::EnvironmentRef;
use crate::extract::JsonBody;
use crate::extract::query::Parameters;
use crate::problem::Problem;
use crate::routes::bodies::Publish;
use crate::routes::problems::WriteProblems;
use crate::routes::publishing::{publish, read_note};
use crate::routes::views::VersionView;
use crate::state::AppState;
use crate::store::versions::Material;

/// Publish an environment: all of its RUNNING and CONCLUDED experiments become its next version.
/// Where that is what the present version says already, the present version is the answer and
/// nothing is written.
#[utoipa::path(
    post, path = "/environments/{id}/publish", tag = "publishing", request_body = Option<Publish>,
    params(("id" = String, Path, description = "The environment's id or name")),
    responses(
        (status = 200, description = "Readers see this version now", body = VersionView),
        (status = 202, description = "Recorded; publishing goes on", body = VersionView),
        WriteProblems
    )
)]
pub async fn publish_environment(
    State(state): State<AppState>,
    authorized: Authorized<Publisher>,
    which: EnvironmentRef,
    parameters: Parameters,
    body: JsonBody,
) -> Result<Response, Problem> {
    parameters.finish()?;
    let note = read_note(&body)?;
    publish(&state, &authorized, &which, Material::Rows, note.as_deref()).await
}
