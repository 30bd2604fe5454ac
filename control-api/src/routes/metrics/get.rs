//! Reading a metric.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use crate::auth::{Authorized, Viewer};
use crate::domain::metric::MetricRef;
use crate::extract::if_match::etag;
use crate::problem::Problem;
use crate::routes::problems::ReadProblems;
use crate::routes::views::{MetricView, UsedMetricView};
use crate::state::AppState;

/// Read a metric, with the keys of the experiments that use it.
#[utoipa::path(
    get, path = "/metrics/{id}", tag = "metrics",
    params(("id" = String, Path, description = "The metric's id, or `environment:key`")),
    responses((status = 200, description = "The metric", body = UsedMetricView), ReadProblems)
)]
pub async fn get_metric(
    State(state): State<AppState>,
    _: Authorized<Viewer>,
    which: MetricRef,
) -> Result<impl IntoResponse, Problem> {
    let metric = state.store.metric(&which).await?;
    let used_by = state.store.metric_users(&metric).await?;
    Ok((etag(metric.version), Json(UsedMetricView { metric: MetricView::from(metric), used_by })))
}
