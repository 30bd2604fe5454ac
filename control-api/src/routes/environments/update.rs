//! Changing an environment.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use crate::auth::{Admin, Authorized};
use crate::domain::environment::EnvironmentRef;
use crate::extract::if_match::etag;
use crate::extract::{Faults, IfMatch, JsonBody};
use crate::problem::Problem;
use crate::routes::bodies::UpdateEnvironment;
use crate::routes::problems::WriteProblems;
use crate::routes::views::EnvironmentView;
use crate::state::AppState;

/// Change an environment. Its name never changes: published paths begin with it.
#[utoipa::path(
    patch, path = "/environments/{id}", tag = "environments", request_body = UpdateEnvironment,
    params(
        ("id" = String, Path, description = "The environment's id or name"),
        ("If-Match" = Option<String>, Header, description = "The version this change was made for")
    ),
    responses((status = 200, description = "Changed", body = EnvironmentView), WriteProblems)
)]
pub async fn update_environment(
    State(state): State<AppState>,
    authorized: Authorized<Admin>,
    which: EnvironmentRef,
    IfMatch(expected): IfMatch,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let client_side = fields.take("clientSideDefault", &mut faults);
    let client_side = client_side.and_then(|found| found.boolean(&mut faults));
    fields.close(&mut faults);
    faults.finish()?;
    let environment =
        state.store.update_environment(&authorized.actor, &which, expected, client_side).await?;
    Ok((etag(environment.version), Json(EnvironmentView::from(environment))))
}
