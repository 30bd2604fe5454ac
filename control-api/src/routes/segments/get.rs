//! Reading one segment.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use crate::auth::{Authorized, Viewer};
use crate::extract::if_match::etag;
use crate::extract::path::SegmentRef;
use crate::problem::Problem;
use crate::routes::problems::ReadProblems;
use crate::routes::views::SegmentView;
use crate::state::AppState;

/// Read a segment and what uses it.
#[utoipa::path(
    get, path = "/segments/{id}", tag = "segments",
    params(("id" = String, Path, description = "The segment's id, or `environment:key`")),
    responses((status = 200, description = "The segment", body = SegmentView), ReadProblems)
)]
pub async fn get_segment(
    State(state): State<AppState>,
    _: Authorized<Viewer>,
    SegmentRef(which): SegmentRef,
) -> Result<impl IntoResponse, Problem> {
    let segment = state.store.segment(&which).await?;
    let usage = state.store.segment_usage(&[segment.environment_id]).await?;
    Ok((etag(segment.version), Json(SegmentView::with(segment, &usage))))
}
