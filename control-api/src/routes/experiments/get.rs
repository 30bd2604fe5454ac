//! Reading one experiment.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use crate::auth::{Authorized, Viewer};
use crate::domain::experiment::ExperimentRef;
use crate::extract::if_match::etag;
use crate::problem::Problem;
use crate::routes::problems::ReadProblems;
use crate::routes::views::ExperimentView;
use crate::state::AppState;

/// Read an experiment with its variants and allocations.
#[utoipa::path(
    get, path = "/experiments/{id}", tag = "experiments",
    params(("id" = String, Path, description = "The experiment's id, or `environment:key`")),
    responses((status = 200, description = "The experiment", body = ExperimentView), ReadProblems)
)]
pub async fn get_experiment(
    State(state): State<AppState>,
    _: Authorized<Viewer>,
    which: ExperimentRef,
) -> Result<impl IntoResponse, Problem> {
    let experiment = state.store.experiment(&which).await?;
    Ok((etag(experiment.version), Json(ExperimentView::from(experiment))))
}
