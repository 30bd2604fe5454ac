//! Publishing an environment.

use axum::extract::State;
use axum::response::Response;

use crate::auth::{Authorized, Publisher};
use crate::domain::environment::EnvironmentRef;
use crate::extract::LargeBody;
use crate::extract::query::Parameters;
use crate::problem::Problem;
use crate::routes::bodies::Publish;
use crate::routes::problems::WriteProblems;
use crate::routes::publishing::{PublishBody, TakesOnly, publish_or_preview};
use crate::routes::views::PublishView;
use crate::state::AppState;
use crate::store::versions::Material;

/// Publish an environment: all of its RUNNING and CONCLUDED experiments become its next version; with
/// `only` those it names, while the others stay as they were published. Where that is what the present
/// version says already, the present version is the answer and nothing is written.
///
/// What would move a bucket from a variant to another or out, or re-randomise an experiment, is refused
/// (409 `moves_users`, with the `diff`) unless `confirm` holds the digest of its dry run. With `dryRun=true`
/// the answer is that difference, exact, and nothing is written; `subjects` (up to 100,000; also one to a
/// line as `application/x-ndjson`) or `"sample": "exposures"` add what happens to them.
#[utoipa::path(
    post, path = "/environments/{id}/publish", tag = "publishing", request_body = Option<Publish>,
    params(
        ("id" = String, Path, description = "The environment's id or name"),
        ("dryRun" = Option<bool>, Query, description = "Say what would change and write nothing")
    ),
    responses(
        (status = 200, description = "Readers see this version now; of a dry run, the difference", body = PublishView),
        (status = 202, description = "Recorded; publishing goes on", body = PublishView),
        WriteProblems
    )
)]
pub async fn publish_environment(
    State(state): State<AppState>,
    authorized: Authorized<Publisher>,
    which: EnvironmentRef,
    mut parameters: Parameters,
    body: LargeBody,
) -> Result<Response, Problem> {
    let dry_run = parameters.take_flag("dryRun")?;
    parameters.finish()?;
    let body = PublishBody::read(&body, TakesOnly::Yes, dry_run)?;
    publish_or_preview(&state, &authorized, &which, Material::Rows, body, dry_run).await
}
