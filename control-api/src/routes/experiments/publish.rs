//! Publishing from an experiment's page.

use axum::extract::State;
use axum::response::Response;

use crate::auth::{Authorized, Publisher};
use crate::domain::environment::EnvironmentRef;
use crate::domain::experiment::ExperimentRef;
use crate::domain::status::Status;
use crate::extract::LargeBody;
use crate::extract::query::Parameters;
use crate::problem::Problem;
use crate::routes::bodies::Publish;
use crate::routes::problems::WriteProblems;
use crate::routes::publishing::{PublishBody, TakesOnly, publish_or_preview};
use crate::routes::views::PublishView;
use crate::state::AppState;
use crate::store::versions::Material;

/// Publish the environment of an experiment: not only this one, but all of its RUNNING and
/// CONCLUDED experiments, unless `only` names some. `changes` names every one that differs from the version
/// before. `dryRun`, `only` and `confirm` are those of publishing the environment.
#[utoipa::path(
    post, path = "/experiments/{id}/publish", tag = "publishing", request_body = Option<Publish>,
    params(
        ("id" = String, Path, description = "The experiment's id, or `environment:key`"),
        ("dryRun" = Option<bool>, Query, description = "Say what would change and write nothing")
    ),
    responses(
        (status = 200, description = "Readers see this version now; of a dry run, the difference", body = PublishView),
        (status = 202, description = "Recorded; publishing goes on", body = PublishView),
        WriteProblems
    )
)]
pub async fn publish_experiment(
    State(state): State<AppState>,
    authorized: Authorized<Publisher>,
    which: ExperimentRef,
    mut parameters: Parameters,
    body: LargeBody,
) -> Result<Response, Problem> {
    let dry_run = parameters.take_flag("dryRun")?;
    parameters.finish()?;
    let body = PublishBody::read(&body, TakesOnly::Yes, dry_run)?;
    let experiment = state.store.experiment(&which).await?;
    if experiment.status == Status::Draft {
        return Err(Problem::conflict(
            "nothing_to_publish",
            "The experiment is a DRAFT, which is never published; start it first.",
        ));
    }
    let environment = EnvironmentRef::Id(experiment.environment_id);
    publish_or_preview(&state, &authorized, &environment, Material::Rows, body, dry_run).await
}
