//! Listing segments.

use axum::Json;
use axum::extract::State;
use uuid::Uuid;

use crate::auth::{Authorized, Viewer};
use crate::extract::query::Parameters;
use crate::problem::Problem;
use crate::routes::problems::ReadProblems;
use crate::routes::resources::read_listing;
use crate::routes::views::{SegmentList, SegmentView};
use crate::state::AppState;

/// List segments, newest first.
#[utoipa::path(
    get, path = "/segments", tag = "segments",
    params(
        ("environmentId" = Option<String>, Query, description = "Only of this environment (id or name)"),
        ("q" = Option<String>, Query, description = "Only with this text in key, name or description"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "50 when absent")
    ),
    responses((status = 200, description = "A page", body = SegmentList), ReadProblems)
)]
pub async fn list_segments(
    State(state): State<AppState>,
    _: Authorized<Viewer>,
    parameters: Parameters,
) -> Result<Json<SegmentList>, Problem> {
    let (listing, page) = read_listing(parameters)?;
    let mut segments = state.store.segments(&listing).await?;
    let next_cursor = page.cut(&mut segments, |segment| segment.id);
    let mut environments: Vec<Uuid> = segments.iter().map(|segment| segment.environment_id).collect();
    environments.sort_unstable();
    environments.dedup();
    let usage = state.store.segment_usage(&environments).await?;
    let items = segments.into_iter().map(|segment| SegmentView::with(segment, &usage)).collect();
    Ok(Json(SegmentList { items, next_cursor }))
}
