//! Reading what an environment published.

use axum::Json;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, ETAG};
use axum::response::IntoResponse;

use crate::auth::{Authorized, Viewer};
use crate::domain::environment::EnvironmentRef;
use crate::extract::page::Page;
use crate::extract::path::VersionNumber;
use crate::extract::query::Parameters;
use crate::problem::Problem;
use crate::routes::problems::ReadProblems;
use crate::routes::views::{VersionList, VersionView};
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

/// Read one version's record.
#[utoipa::path(
    get, path = "/environments/{id}/versions/{version}", tag = "publishing",
    params(
        ("id" = String, Path, description = "The environment's id or name"),
        ("version" = i64, Path, description = "The version's number")
    ),
    responses((status = 200, description = "The record", body = VersionView), ReadProblems)
)]
pub async fn get_version(
    State(state): State<AppState>,
    _: Authorized<Viewer>,
    which: EnvironmentRef,
    VersionNumber(number): VersionNumber,
) -> Result<Json<VersionView>, Problem> {
    Ok(Json(state.store.version(&which, number).await?.into()))
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
