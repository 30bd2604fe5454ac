//! Going back to an earlier version.

use axum::extract::State;
use axum::response::Response;

use crate::auth::{Authorized, Publisher};
use crate::domain::environment::EnvironmentRef;
use crate::extract::JsonBody;
use crate::extract::path::VersionNumber;
use crate::extract::query::Parameters;
use crate::problem::Problem;
use crate::routes::bodies::Publish;
use crate::routes::problems::WriteProblems;
use crate::routes::publishing::{publish, read_note};
use crate::routes::views::VersionView;
use crate::state::AppState;
use crate::store::versions::Material;

/// Roll back: an earlier version's content is published again, under the next version. Experiments
/// stay as they were edited; until the next publish the environment says `rolledBackTo`.
#[utoipa::path(
    post, path = "/environments/{id}/versions/{version}/rollback", tag = "publishing",
    request_body = Option<Publish>,
    params(
        ("id" = String, Path, description = "The environment's id or name"),
        ("version" = i64, Path, description = "The number of the version to go back to")
    ),
    responses(
        (status = 200, description = "Readers see the earlier content now", body = VersionView),
        (status = 202, description = "Recorded; publishing goes on", body = VersionView),
        WriteProblems
    )
)]
pub async fn roll_back(
    State(state): State<AppState>,
    authorized: Authorized<Publisher>,
    which: EnvironmentRef,
    VersionNumber(number): VersionNumber,
    parameters: Parameters,
    body: JsonBody,
) -> Result<Response, Problem> {
    parameters.finish()?;
    let note = read_note(&body)?;
    publish(&state, &authorized, &which, Material::Version(number), note.as_deref()).await
}
