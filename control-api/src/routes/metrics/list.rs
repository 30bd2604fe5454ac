//! Listing metrics.

use axum::Json;
use axum::extract::State;

use crate::auth::{Authorized, Viewer};
use crate::extract::query::Parameters;
use crate::problem::Problem;
use crate::routes::problems::ReadProblems;
use crate::routes::resources::read_listing;
use crate::routes::views::MetricList;
use crate::state::AppState;

/// List metrics, newest first.
#[utoipa::path(
    get, path = "/metrics", tag = "metrics",
    params(
        ("environmentId" = Option<String>, Query, description = "Only of this environment (id or name)"),
        ("q" = Option<String>, Query, description = "Only with this text in key, name or description"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "50 when absent")
    ),
    responses((status = 200, description = "A page", body = MetricList), ReadProblems)
)]
pub async fn list_metrics(
    State(state): State<AppState>,
    authorized: Authorized<Viewer>,
    parameters: Parameters,
) -> Result<Json<MetricList>, Problem> {
    let (listing, page) = read_listing(parameters, &authorized.scope)?;
    let mut metrics = state.store.metrics(&listing).await?;
    let next_cursor = page.cut(&mut metrics, |metric| metric.id);
    let items = metrics.into_iter().map(Into::into).collect();
    Ok(Json(MetricList { items, next_cursor }))
}
