//! Going back to an earlier version.

use axum::extract::State;
use axum::response::Response;

use crate::auth::{Authorized, Publisher};
use crate::domain::environment::EnvironmentRef;
use crate::extract::LargeBody;
use crate::extract::path::VersionNumber;
use crate::extract::query::Parameters;
use crate::problem::Problem;
use crate::routes::bodies::RollBack;
use crate::routes::problems::WriteProblems;
use crate::routes::publishing::{PublishBody, TakesOnly, publish_or_preview};
use crate::routes::views::PublishView;
use crate::state::AppState;
use crate::store::versions::Material;

/// Roll back: an earlier version's content is published again, under the next version. Experiments
/// stay as they were edited; until the next publish the environment says `rolledBackTo`. `dryRun` and
/// `confirm` are those of publishing: going back moves users, too.
#[utoipa::path(
    post, path = "/environments/{id}/versions/{version}/rollback", tag = "publishing",
    request_body = Option<RollBack>,
    params(
        ("id" = String, Path, description = "The environment's id or name"),
        ("version" = i64, Path, description = "The number of the version to go back to"),
        ("dryRun" = Option<bool>, Query, description = "Say what would change and write nothing")
    ),
    responses(
        (status = 200, description = "Readers see the earlier content now; of a dry run, the difference", body = PublishView),
        (status = 202, description = "Recorded; publishing goes on", body = PublishView),
        WriteProblems
    )
)]
pub async fn roll_back(
    State(state): State<AppState>,
    authorized: Authorized<Publisher>,
    which: EnvironmentRef,
    VersionNumber(number): VersionNumber,
    mut parameters: Parameters,
    body: LargeBody,
) -> Result<Response, Problem> {
    let dry_run = parameters.take_flag("dryRun")?;
    parameters.finish()?;
    let body = PublishBody::read(&body, TakesOnly::No, dry_run)?;
    publish_or_preview(&state, &authorized, &which, Material::Version(number), body, dry_run).await
}
