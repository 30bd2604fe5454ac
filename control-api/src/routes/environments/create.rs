//! Making an environment.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use crate::auth::{Admin, Authorized};
use crate::domain::environment::{NameFault, check_name};
use crate::extract::if_match::etag;
use crate::extract::limits::MAX_NAME_CHARS;
use crate::extract::{Faults, Fields, JsonBody};
use crate::problem::Problem;
use crate::routes::bodies::CreateEnvironment;
use crate::routes::problems::WriteProblems;
use crate::routes::views::EnvironmentView;
use crate::state::AppState;

/// Make an environment.
#[utoipa::path(
    post, path = "/environments", tag = "environments", request_body = CreateEnvironment,
    responses((status = 201, description = "Made", body = EnvironmentView), WriteProblems)
)]
pub async fn create_environment(
    State(state): State<AppState>,
    authorized: Authorized<Admin>,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    if !authorized.scope.is_all() {
        let detail = "A token of some environments only makes no others.";
        return Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", detail));
    }
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let name = read_name(&mut fields, &mut faults);
    let client_side = fields.take("clientSideDefault", &mut faults);
    let client_side = client_side.and_then(|found| found.boolean(&mut faults));
    fields.close(&mut faults);
    faults.finish()?;

    let client_side = client_side.unwrap_or(state.client_side_default);
    let environment = state.store.create_environment(&authorized.actor, &name, client_side).await?;
    let location = [(header::LOCATION, format!("/api/environments/{}", environment.id))];
    let etag = etag(environment.version);
    Ok((StatusCode::CREATED, location, etag, Json(EnvironmentView::from(environment))))
}

fn read_name(fields: &mut Fields<'_>, faults: &mut Faults) -> String {
    let Some(found) = fields.take("name", faults) else {
        fields.require("name", "An environment needs a name.", faults);
        return String::new();
    };
    let Some(name) = found.text(MAX_NAME_CHARS, faults) else { return String::new() };
    let (code, detail) = match check_name(&name) {
        Ok(()) => return name,
        Err(NameFault::Form) => ("invalid_name", "Names match [a-z0-9][a-z0-9-]{0,62}."),
        Err(NameFault::Reserved) => ("reserved_name", "Paths need this word; take another name."),
        Err(NameFault::Id) => ("invalid_name", "A name cannot look like an id."),
    };
    faults.push(found.at, code, detail);
    name
}
