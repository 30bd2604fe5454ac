//! Making a holdout.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use uuid::Uuid;

use super::input::{read_covered, read_extent};
use crate::auth::{Authorized, Editor};
use crate::domain::environment::Environment;
use crate::domain::experiment::DEFAULT_BUCKET_BY;
use crate::domain::holdout::{Covered, Holdout};
use crate::domain::salt;
use crate::extract::if_match::etag;
use crate::extract::{Faults, JsonBody};
use crate::problem::Problem;
use crate::routes::bodies::CreateHoldout;
use crate::routes::experiments::{read_bucket_by, read_environment, read_salt, slug_key};
use crate::routes::problems::WriteProblems;
use crate::routes::resources::{location, read_description, with_faults};
use crate::routes::views::HoldoutView;
use crate::state::AppState;
use crate::store::now;

/// Make a holdout over all experiments of an environment, those to come too, or over listed ones.
#[utoipa::path(
    post, path = "/holdouts", tag = "holdouts", request_body = CreateHoldout,
    responses((status = 201, description = "Made", body = HoldoutView), WriteProblems)
)]
pub async fn create_holdout(
    State(state): State<AppState>,
    authorized: Authorized<Editor>,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let mut faults = Faults::default();
    let fresh = salt::generate().map_err(|error| Problem::internal(&error))?;
    let mut fields = body.fields(&mut faults)?;
    let choice = read_environment(&mut fields, state.client_side_default, &mut faults);
    let (key, name) = slug_key(&mut fields, &mut faults);
    let description = read_description(&mut fields, &mut faults).flatten();
    let extent = read_extent(&mut fields, true, &mut faults);
    let experiments = read_covered(&mut fields, &mut faults).unwrap_or(Covered::All);
    let salt = fields.take("salt", &mut faults).and_then(|found| read_salt(&found, &mut faults));
    let bucket_by = fields.take("bucketBy", &mut faults);
    let bucket_by = bucket_by.and_then(|found| read_bucket_by(&found, &mut faults));
    fields.close(&mut faults);

    let now = now();
    let build = |environment: &Environment| Holdout {
        id: Uuid::now_v7(),
        environment_id: environment.id,
        environment: environment.name.clone(),
        key,
        name,
        description,
        salt: salt.unwrap_or(fresh),
        bucket_by: bucket_by.unwrap_or_else(|| DEFAULT_BUCKET_BY.to_owned()),
        ranges: extent.map(|extent| extent.ranges(&[])).unwrap_or_default(),
        experiments,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let read = faults.clone();
    let judge = |found| read.and(found);
    let made = state.store.create_holdout(&authorized.actor, &choice, build, judge).await;
    let holdout = made.map_err(|error| with_faults(faults, error))?;
    let (location, etag) = (location("holdouts", holdout.id), etag(holdout.version));
    Ok((StatusCode::CREATED, location, etag, Json(HoldoutView::from(holdout))))
}
