//! Reading what an environment published.

use axum::Json;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, ETAG};
use axum::response::IntoResponse;

use crate::auth::{Authorized, Viewer};
use crate::domain::environment::EnvironmentRef;
use crate::extract::page::Page;
use crate::extract::path::{VersionNumber, VersionOrSpan};
use crate::extract::query::Parameters;
use crate::problem::Problem;
use crate::publish::compare_versions;
use crate::routes::problems::{PublishedProblems, ReadProblems};
use crate::routes::views::{PublishView, VersionList};
use crate::state::AppState;

/// List an environment's versions, newest first.
#[utoipa::path(
    get, path = "/environments/{id}/versions", tag = "publishing",
    params(
        ("id" = String, Path, description = "The environment's id or name"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "50 when absent")
    ),
    responses((status = 200, description = "A page", body = VersionList), ReadProblems)
)]
pub async fn list_versions(
    State(state): State<AppState>,
    _: Authorized<Viewer>,
    which: EnvironmentRef,
    mut parameters: Parameters,
) -> Result<Json<VersionList>, Problem> {
    let page: Page<i64> = Page::take(&mut parameters)?;
    parameters.finish()?;
    let mut versions = state.store.versions(&which, page.after, page.limit + 1).await?;
    let next_cursor = page.cut(&mut versions, |version| version.version);
    Ok(Json(VersionList { items: versions.into_iter().map(Into::into).collect(), next_cursor }))
}

/// Read one version's record; or, as `{a}...{b}`, what differs from version `a` to version `b`, both of which
/// have to be published. The difference is what a dry run shows.
#[utoipa::path(
    get, path = "/environments/{id}/versions/{version}", tag = "publishing",
    params(
        ("id" = String, Path, description = "The environment's id or name"),
        ("version" = String, Path, description = "The version's number, or two of them as `3...5`")
    ),
    responses((status = 200, description = "The record, or the difference", body = PublishView), PublishedProblems)
)]
pub async fn get_version(
    State(state): State<AppState>,
    _: Authorized<Viewer>,
    which: EnvironmentRef,
    version: VersionOrSpan,
    parameters: Parameters,
) -> Result<Json<PublishView>, Problem> {
    parameters.finish()?;
    let (from, to) = match version {
        VersionOrSpan::One(number) => {
            let version = state.store.version(&which, number).await?;
            return Ok(Json(PublishView::Version(Box::new(version.into()))));
        }
        VersionOrSpan::Span(from, to) => (from, to),
    };
    let environment = state.store.environment(&which).await?;
    let from = state.store.earlier_version(&environment, from).await?;
    let to = state.store.earlier_version(&environment, to).await?;
    let comparing = tokio::task::spawn_blocking(move || compare_versions(&environment.name, &from, &to));
    let preview = comparing.await.map_err(|error| Problem::internal(&error))??;
    Ok(Json(PublishView::Preview(Box::new(preview))))
}

/// Read one version's full document, byte for byte as it was published.
#[utoipa::path(
    get, path = "/environments/{id}/versions/{version}/snapshot", tag = "publishing",
    params(
        ("id" = String, Path, description = "The environment's id or name"),
        ("version" = i64, Path, description = "The version's number")
    ),
    responses((status = 200, description = "The document", body = serde_json::Value), ReadProblems)
)]
pub async fn get_version_snapshot(
    State(state): State<AppState>,
    _: Authorized<Viewer>,
    which: EnvironmentRef,
    VersionNumber(number): VersionNumber,
) -> Result<impl IntoResponse, Problem> {
    let version = state.store.version(&which, number).await?;
    let documents = state.store.documents(version.id).await?;
    let headers =
        [(CONTENT_TYPE, "application/json".to_owned()), (ETAG, format!("\"{}\"", version.full.sha256))];
    Ok((headers, documents.full))
}
