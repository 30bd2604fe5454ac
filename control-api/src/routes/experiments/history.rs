//! The history of an experiment.

use axum::Json;
use axum::extract::State;
use uuid::Uuid;

use crate::auth::{Authorized, Viewer};
use crate::domain::experiment::ExperimentRef;
use crate::extract::page::Page;
use crate::extract::query::Parameters;
use crate::problem::Problem;
use crate::routes::audit::page_of;
use crate::routes::problems::ReadProblems;
use crate::routes::views::HistoryList;
use crate::state::AppState;
use crate::store::history::HistoryFilter;

/// Read who changed an experiment, or what belongs to it, and when: newest first, with before and
/// after.
#[utoipa::path(
    get, path = "/experiments/{id}/history", tag = "experiments",
    params(
        ("id" = String, Path, description = "The experiment's id, or `environment:key`"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "50 when absent")
    ),
    responses((status = 200, description = "A page", body = HistoryList), ReadProblems)
)]
pub async fn get_experiment_history(
    State(state): State<AppState>,
    authorized: Authorized<Viewer>,
    which: ExperimentRef,
    mut parameters: Parameters,
) -> Result<Json<HistoryList>, Problem> {
    let page: Page<Uuid> = Page::take(&mut parameters)?;
    parameters.finish()?;
    let experiment = state.store.experiment(&which).await?;
    let filter = HistoryFilter {
        experiment: Some(ExperimentRef::Id(experiment.id)),
        ..HistoryFilter::within(authorized.scope, false)
    };
    Ok(Json(page_of(&state, &filter, &page).await?))
}
