//! Making an experiment.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use super::new::{NewExperiment, read_environment};
use crate::auth::{Authorized, Editor};
use crate::domain::environment::Environment;
use crate::domain::salt;
use crate::extract::if_match::etag;
use crate::extract::{Faults, JsonBody};
use crate::problem::Problem;
use crate::routes::bodies::CreateExperiment;
use crate::routes::problems::WriteProblems;
use crate::routes::resources::with_faults;
use crate::routes::views::ExperimentView;
use crate::state::AppState;
use crate::store::now;

/// Make a DRAFT experiment, with variants, shares and rules in the same call if wanted.
#[utoipa::path(
    post, path = "/experiments", tag = "experiments", request_body = CreateExperiment,
    responses((status = 201, description = "Made", body = ExperimentView), WriteProblems)
)]
pub async fn create_experiment(
    State(state): State<AppState>,
    authorized: Authorized<Editor>,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let mut faults = Faults::default();
    let salt = salt::generate().map_err(|error| Problem::internal(&error))?;
    let mut fields = body.fields(&mut faults)?;
    let choice = read_environment(&mut fields, state.client_side_default, &mut faults);
    let new = NewExperiment::read(&mut fields, salt, &mut faults);
    fields.close(&mut faults);

    let now = now();
    let mentions = new.mentions();
    let read = faults.clone();
    let build =
        move |environment: &Environment, surroundings| read.and(new.build(environment, surroundings, now));
    let made = state.store.create_experiment(&authorized.actor, &choice, &mentions, build).await;
    let experiment = made.map_err(|error| with_faults(faults, error))?;
    let location = [(header::LOCATION, format!("/api/experiments/{}", experiment.id))];
    let etag = etag(experiment.version);
    Ok((StatusCode::CREATED, location, etag, Json(ExperimentView::from(experiment))))
}
