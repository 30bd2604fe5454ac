//! The history of everything.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::auth::{Authorized, Role, Viewer};
use crate::domain::environment::EnvironmentRef;
use crate::domain::experiment::ExperimentRef;
use crate::extract::page::Page;
use crate::extract::query::Parameters;
use crate::problem::Problem;
use crate::routes::problems::ReadProblems;
use crate::routes::views::HistoryList;
use crate::state::AppState;
use crate::store::history::HistoryFilter;

/// Read who changed what when, newest first. Changes of tokens and keys are for admins; those that
/// belong to no environment are for tokens of all environments.
#[utoipa::path(
    get, path = "/audit", tag = "audit",
    params(
        ("environmentId" = Option<String>, Query, description = "Only in this environment (id or name)"),
        ("experimentId" = Option<String>, Query, description = "Only of this experiment (id or `environment:key`)"),
        ("resource" = Option<String>, Query, description = "Only of things of this kind, such as `experiment`"),
        ("resourceId" = Option<Uuid>, Query, description = "Only of this thing"),
        ("action" = Option<String>, Query, description = "Only where this happened, such as `update`"),
        ("actor" = Option<String>, Query, description = "Only by this author, such as `token:ci`"),
        ("tokenId" = Option<Uuid>, Query, description = "Only with this token"),
        ("from" = Option<DateTime<Utc>>, Query, description = "Not before this time"),
        ("to" = Option<DateTime<Utc>>, Query, description = "Before this time"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "50 when absent")
    ),
    responses((status = 200, description = "A page", body = HistoryList), ReadProblems)
)]
pub async fn list_audit(
    State(state): State<AppState>,
    authorized: Authorized<Viewer>,
    mut parameters: Parameters,
) -> Result<Json<HistoryList>, Problem> {
    let page: Page<Uuid> = Page::take(&mut parameters)?;
    let is_admin = authorized.role >= Role::Admin;
    let filter = read_filter(HistoryFilter::within(authorized.scope, is_admin), &mut parameters)?;
    parameters.finish()?;
    Ok(Json(page_of(&state, &filter, &page).await?))
}

/// One page of the history.
pub(super) async fn page_of(
    state: &AppState,
    filter: &HistoryFilter,
    page: &Page<Uuid>,
) -> Result<HistoryList, Problem> {
    let mut entries = state.store.history(filter, page.after, page.limit + 1).await?;
    let next_cursor = page.cut(&mut entries, |entry| entry.id);
    Ok(HistoryList { items: entries.into_iter().map(Into::into).collect(), next_cursor })
}

fn read_filter(all: HistoryFilter, parameters: &mut Parameters) -> Result<HistoryFilter, Problem> {
    Ok(HistoryFilter {
        environment: parameters.parse(
            "environmentId",
            "is neither an id nor a name",
            EnvironmentRef::parse,
        )?,
        experiment: parameters.parse(
            "experimentId",
            "is neither an id nor environment:key",
            ExperimentRef::parse,
        )?,
        resource: take_word("resource", parameters)?,
        resource_id: take_id("resourceId", parameters)?,
        action: take_word("action", parameters)?,
        actor: take_word("actor", parameters)?,
        token_id: take_id("tokenId", parameters)?,
        from: take_time("from", parameters)?,
        to: take_time("to", parameters)?,
        ..all
    })
}

fn take_word(name: &str, parameters: &mut Parameters) -> Result<Option<String>, Problem> {
    parameters.parse(name, "must not contain NUL", |text| (!text.contains('\0')).then(|| text.to_owned()))
}

fn take_id(name: &str, parameters: &mut Parameters) -> Result<Option<Uuid>, Problem> {
    parameters.parse(name, "is not an id", |text| text.parse().ok())
}

fn take_time(name: &str, parameters: &mut Parameters) -> Result<Option<DateTime<Utc>>, Problem> {
    let read = |text: &str| DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc());
    parameters.parse(name, "is not a time such as 2026-01-31T12:00:00Z", read)
}
