//! Making a group.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use uuid::Uuid;

use crate::auth::{Authorized, Editor};
use crate::domain::environment::Environment;
use crate::domain::experiment::DEFAULT_BUCKET_BY;
use crate::domain::group::{Group, GroupMode};
use crate::domain::salt;
use crate::extract::if_match::etag;
use crate::extract::limits::MAX_NAME_CHARS;
use crate::extract::{Faults, Fields, JsonBody};
use crate::problem::Problem;
use crate::routes::bodies::CreateGroup;
use crate::routes::experiments::{read_bucket_by, read_environment, read_salt, slug_key};
use crate::routes::problems::WriteProblems;
use crate::routes::resources::{location, read_description, with_faults};
use crate::routes::views::GroupView;
use crate::state::AppState;
use crate::store::now;

/// Make a group. `slices`: each member holds buckets for itself, exact wherever decisions are made.
/// `first`: whoever was assigned to one member is excluded from the others, which needs sticky state.
#[utoipa::path(
    post, path = "/groups", tag = "groups", request_body = CreateGroup,
    responses((status = 201, description = "Made", body = GroupView), WriteProblems)
)]
pub async fn create_group(
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
    let mode = read_mode(&mut fields, &mut faults);
    let salt = fields.take("salt", &mut faults).and_then(|found| read_salt(&found, &mut faults));
    let bucket_by = fields.take("bucketBy", &mut faults);
    let bucket_by = bucket_by.and_then(|found| read_bucket_by(&found, &mut faults));
    fields.close(&mut faults);

    let now = now();
    let build = |environment: &Environment| Group {
        id: Uuid::now_v7(),
        environment_id: environment.id,
        environment: environment.name.clone(),
        key,
        name,
        description,
        mode,
        salt: salt.unwrap_or(fresh),
        bucket_by: bucket_by.unwrap_or_else(|| DEFAULT_BUCKET_BY.to_owned()),
        members: Vec::new(),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let read = faults.clone();
    let made = state.store.create_group(&authorized.actor, &choice, build, || read.finish()).await;
    let group = made.map_err(|error| with_faults(faults, error))?;
    let (location, etag) = (location("groups", group.id), etag(group.version));
    Ok((StatusCode::CREATED, location, etag, Json(GroupView::from(group))))
}

/// `mode`; slices when absent, or as a placeholder.
fn read_mode(fields: &mut Fields<'_>, faults: &mut Faults) -> GroupMode {
    let Some(found) = fields.take("mode", faults) else { return GroupMode::Slices };
    let Some(text) = found.text(MAX_NAME_CHARS, faults) else { return GroupMode::Slices };
    GroupMode::parse(&text).unwrap_or_else(|| {
        faults.push(found.at, "unknown_mode", "Modes are slices and first.");
        GroupMode::Slices
    })
}
