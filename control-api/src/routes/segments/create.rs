//! Making a segment.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use uuid::Uuid;

use crate::auth::{Authorized, Editor};
use crate::domain::environment::Environment;
use crate::domain::segment::Segment;
use crate::extract::if_match::etag;
use crate::extract::rules::targeting_rules;
use crate::extract::{Faults, JsonBody};
use crate::problem::Problem;
use crate::routes::bodies::CreateSegment;
use crate::routes::experiments::{read_environment, slug_key};
use crate::routes::problems::WriteProblems;
use crate::routes::resources::{location, read_description, with_faults};
use crate::routes::views::SegmentView;
use crate::state::AppState;
use crate::store::now;
use crate::store::segments::Usage;

/// Make a segment. Readers see it with the next publish of an experiment whose rules lead to it.
#[utoipa::path(
    post, path = "/segments", tag = "segments", request_body = CreateSegment,
    responses((status = 201, description = "Made", body = SegmentView), WriteProblems)
)]
pub async fn create_segment(
    State(state): State<AppState>,
    authorized: Authorized<Editor>,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let choice = read_environment(&mut fields, state.client_side_default, &mut faults);
    let (key, name) = slug_key(&mut fields, &mut faults);
    let description = read_description(&mut fields, &mut faults).flatten();
    let rules = fields.take("rules", &mut faults).and_then(|found| targeting_rules(&found, &mut faults));
    fields.close(&mut faults);

    let now = now();
    let build = |environment: &Environment| Segment {
        id: Uuid::now_v7(),
        environment_id: environment.id,
        environment: environment.name.clone(),
        key,
        name,
        description,
        rules: rules.unwrap_or_default(),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let read = faults.clone();
    let judge = |found| read.and(found);
    let made = state.store.create_segment(&authorized.actor, &choice, build, judge).await;
    let segment = made.map_err(|error| with_faults(faults, error))?;
    let (location, etag) = (location("segments", segment.id), etag(segment.version));
    let view = SegmentView::new(segment, Usage::default());
    Ok((StatusCode::CREATED, location, etag, Json(view)))
}
