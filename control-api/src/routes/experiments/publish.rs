//! Publishing from an experiment's page.

use axum::extract::State;
use axum::response::Response;

use crate::auth::{Authorized, Publisher};
use crate::domain::environment::EnvironmentRef;
use crate::domain::experiment::ExperimentRef;
use crate::domain::status::Status;
use crate::extract::JsonBody;
use crate::extract::query::Parameters;
use crate::problem::Problem;
use crate::routes::bodies::Publish;
use crate::routes::problems::WriteProblems;
use crate::routes::publishing::{publish, read_note};
use crate::routes::views::VersionView;
use crate::state::AppState;
use crate::store::versions::Material;

/// Publish the environment of an experiment: not only this one, but all of its RUNNING and
/// CONCLUDED experiments. `changes` names every one that differs from the version before.
#[utoipa::path(
    post, path = "/experiments/{id}/publish", tag = "publishing", request_body = Option<Publish>,
    params(("id" = String, Path, description = "The experiment's id, or `environment:key`")),
    responses(
        (status = 200, description = "Readers see this version now", body = VersionView),
        (status = 202, description = "Recorded; publishing goes on", body = VersionView),
        WriteProblems
    )
)]
pub async fn publish_experiment(
    State(state): State<AppState>,
    authorized: Authorized<Publisher>,
    which: ExperimentRef,
    parameters: Parameters,
    body: JsonBody,
) -> Result<Response, Problem> {
    parameters.finish()?;
    let note = read_note(&body)?;
    let experiment = state.store.experiment(&which).await?;
    if experiment.status == Status::Draft {
        return Err(Problem::conflict(
            "nothing_to_publish",
            "The experiment is a DRAFT, which is never published; start it first.",
        ));
    }
    let environment = EnvironmentRef::Id(experiment.environment_id);
    publish(&state, &authorized, &environment, Material::Rows, note.as_deref()).await
}
