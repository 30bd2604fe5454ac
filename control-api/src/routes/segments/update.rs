//! Changing a segment.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use crate::auth::{Authorized, Editor};
use crate::extract::if_match::etag;
use crate::extract::limits::MAX_NAME_CHARS;
use crate::extract::path::SegmentRef;
use crate::extract::rules::targeting_rules;
use crate::extract::{Faults, IfMatch, JsonBody};
use crate::problem::Problem;
use crate::routes::bodies::UpdateSegment;
use crate::routes::problems::WriteProblems;
use crate::routes::resources::read_description;
use crate::routes::views::SegmentView;
use crate::state::AppState;
use crate::store::segments::SegmentPatch;

/// Change a segment. Readers see it with the next publish. What would keep an experiment or another
/// segment that leads here from being published is refused.
#[utoipa::path(
    patch, path = "/segments/{id}", tag = "segments", request_body = UpdateSegment,
    params(
        ("id" = String, Path, description = "The segment's id, or `environment:key`"),
        ("If-Match" = Option<String>, Header, description = "The version this change was made for")
    ),
    responses((status = 200, description = "Changed", body = SegmentView), WriteProblems)
)]
pub async fn update_segment(
    State(state): State<AppState>,
    authorized: Authorized<Editor>,
    SegmentRef(which): SegmentRef,
    IfMatch(expected): IfMatch,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let name = fields.take_nullable("name", &mut faults);
    let name = name.and_then(|found| found.name(MAX_NAME_CHARS, &mut faults));
    let description = read_description(&mut fields, &mut faults);
    let rules = fields.take_nullable("rules", &mut faults);
    let rules = rules.and_then(|found| targeting_rules(&found, &mut faults));
    fields.close(&mut faults);
    let patch = SegmentPatch { name, description, rules };
    let judge = |found| faults.and(found);
    let segment = state.store.edit_segment(&authorized.actor, &which, expected, patch, judge).await?;
    let usage = state.store.segment_usage(&[segment.environment_id]).await?;
    Ok((etag(segment.version), Json(SegmentView::with(segment, &usage))))
}
