//! Making an experiment.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};

use super::new::{NewExperiment, read_environment};
use crate::auth::{Authorized, Editor};
use crate::domain::environment::{Environment, FIRST_ENVIRONMENT};
use crate::domain::salt;
use crate::extract::if_match::etag;
use crate::extract::{Faults, JsonBody};
use crate::problem::Problem;
use crate::routes::bodies::CreateExperiment;
use crate::routes::problems::WriteProblems;
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
    let choice = read_environment(&mut fields, &authorized.scope, state.client_side_default, &mut faults);
    let new = NewExperiment::read(&mut fields, salt, &mut faults);
    fields.close(&mut faults);

    let now = now();
    if !faults.is_empty() {
        // Any environment will do to find the faults that only the whole shows.
        faults.and(new.build(&no_environment(now), now))?;
        return Err(Problem::internal(&"faults were lost"));
    }
    let build = move |environment: &Environment| new.build(environment, now);
    let experiment = state.store.create_experiment(&authorized.actor, &choice, build).await?;
    let location = [(header::LOCATION, format!("/api/experiments/{}", experiment.id))];
    let etag = etag(experiment.version);
    Ok((StatusCode::CREATED, location, etag, Json(ExperimentView::from(experiment))))
}

fn no_environment(now: DateTime<Utc>) -> Environment {
    Environment {
        id: uuid::Uuid::nil(),
        name: FIRST_ENVIRONMENT.to_owned(),
        client_side_default: false,
        version: 1,
        created_at: now,
        updated_at: now,
        rolled_back_to: None,
    }
}
