//! Listing experiments.

use axum::Json;
use axum::extract::State;
use uuid::Uuid;

use crate::auth::{Authorized, Viewer};
use crate::domain::environment::EnvironmentRef;
use crate::domain::scope::Scope;
use crate::domain::status::Status;
use crate::extract::page::Page;
use crate::extract::query::{Parameters, invalid};
use crate::problem::Problem;
use crate::routes::problems::ReadProblems;
use crate::routes::views::ExperimentList;
use crate::state::AppState;
use crate::store::experiments::Filter;

/// List experiments, newest first.
#[utoipa::path(
    get, path = "/experiments", tag = "experiments",
    params(
        ("environmentId" = Option<String>, Query, description = "Only of this environment (id or name)"),
        ("status" = Option<Status>, Query, description = "Only in this status"),
        ("q" = Option<String>, Query, description = "Only with this text in key, name or description"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "50 when absent")
    ),
    responses((status = 200, description = "A page", body = ExperimentList), ReadProblems)
)]
pub async fn list_experiments(
    State(state): State<AppState>,
    authorized: Authorized<Viewer>,
    mut parameters: Parameters,
) -> Result<Json<ExperimentList>, Problem> {
    let page: Page<Uuid> = Page::take(&mut parameters)?;
    let filter = read_filter(authorized.scope, &mut parameters)?;
    parameters.finish()?;
    let mut experiments = state.store.experiments(&filter, page.after, page.limit + 1).await?;
    let next_cursor = page.cut(&mut experiments, |experiment| experiment.id);
    let items = experiments.into_iter().map(Into::into).collect();
    Ok(Json(ExperimentList { items, next_cursor }))
}

fn read_filter(scope: Scope, parameters: &mut Parameters) -> Result<Filter, Problem> {
    let environment = match parameters.take("environmentId")? {
        None => None,
        Some(text) => Some(
            EnvironmentRef::parse(&text)
                .ok_or_else(|| invalid("environmentId", "is neither an id nor a name"))?,
        ),
    };
    let status = match parameters.take("status")? {
        None => None,
        Some(text) => Some(Status::parse(&text).ok_or_else(|| invalid("status", "is not a status"))?),
    };
    let text = parameters.take("q")?.filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.contains('\0')) {
        return Err(invalid("q", "must not contain NUL"));
    }
    Ok(Filter { scope, environment, status, text })
}
