//! Listing metrics.

use axum::Json;
use axum::extract::State;
use uuid::Uuid;

use crate::auth::{Authorized, Viewer};
use crate::domain::environment::EnvironmentRef;
use crate::extract::page::Page;
use crate::extract::query::{Parameters, invalid};
use crate::problem::Problem;
use crate::routes::problems::ReadProblems;
use crate::routes::views::MetricList;
use crate::state::AppState;
use crate::store::metrics::MetricFilter;

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
    mut parameters: Parameters,
) -> Result<Json<MetricList>, Problem> {
    let page: Page<Uuid> = Page::take(&mut parameters)?;
    let environment = match parameters.take("environmentId")? {
        None => None,
        Some(text) => Some(
            EnvironmentRef::parse(&text)
                .ok_or_else(|| invalid("environmentId", "is neither an id nor a name"))?,
        ),
    };
    let text = parameters.take("q")?.filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.contains('\0')) {
        return Err(invalid("q", "must not contain NUL"));
    }
    parameters.finish()?;
    let scope = authorized.scope.ids().map(<[Uuid]>::to_vec);
    let filter = MetricFilter { environment, scope, text };
    let mut metrics = state.store.metrics(&filter, page.after, page.limit + 1).await?;
    let next_cursor = page.cut(&mut metrics, |metric| metric.id);
    let items = metrics.into_iter().map(Into::into).collect();
    Ok(Json(MetricList { items, next_cursor }))
}
