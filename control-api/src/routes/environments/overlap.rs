//! How much traffic experiments share.

use axum::Json;
use axum::extract::State;
use lotwise_core::Snapshot;
use lotwise_core::overlap::{Overlap, overlap, overlaps};

use crate::auth::{Authorized, Viewer};
use crate::domain::environment::EnvironmentRef;
use crate::extract::query::{Parameters, invalid};
use crate::problem::Problem;
use crate::publish::draft_document;
use crate::routes::problems::PublishedProblems;
use crate::routes::views::OverlapView;
use crate::state::AppState;
use crate::store::now;
use crate::store::versions::{Material, Which};

/// More pairs than this are never answered at once: they are of some 300 experiments.
const MAX_PAIRS: usize = 50_000;

/// Say how much traffic any two running experiments share: exactly, and with the proof where it is none.
/// `a` asks for the pairs of one experiment, `a` and `b` for one pair. `source=draft` looks at the rows as they
/// are now instead of what is published.
#[utoipa::path(
    get, path = "/environments/{id}/overlap", tag = "publishing",
    params(
        ("id" = String, Path, description = "The environment's id or name"),
        ("a" = Option<String>, Query, description = "The key of an experiment"),
        ("b" = Option<String>, Query, description = "The key of another; needs `a`"),
        ("source" = Option<String>, Query, description = "`published` when absent, or `draft`")
    ),
    responses((status = 200, description = "The pairs", body = OverlapView), PublishedProblems)
)]
pub async fn get_overlap(
    State(state): State<AppState>,
    _: Authorized<Viewer>,
    which: EnvironmentRef,
    mut parameters: Parameters,
) -> Result<Json<OverlapView>, Problem> {
    let (a, b) = (parameters.take("a")?, parameters.take("b")?);
    let source = parameters.take("source")?;
    parameters.finish()?;
    if b.is_some() && a.is_none() {
        return Err(invalid("b", "needs `a` beside it"));
    }
    let is_draft = match source.as_deref() {
        None | Some("published") => false,
        Some("draft") => true,
        Some(_) => return Err(invalid("source", "is `published` or `draft`")),
    };
    let environment = state.store.environment(&which).await?;
    let (version, document) = if is_draft {
        let contents = state.store.version_contents(&which, &Material::Rows).await?;
        let now = now();
        let compiling = tokio::task::spawn_blocking(move || draft_document(contents, now));
        (None, compiling.await.map_err(|error| Problem::internal(&error))??)
    } else {
        let found = state.store.stored_document(environment.id, &Which::Latest).await?;
        (found.version, found.document)
    };
    let finding = tokio::task::spawn_blocking(move || find(&document, a.as_deref(), b.as_deref()));
    let overlaps = finding.await.map_err(|error| Problem::internal(&error))??;
    Ok(Json(OverlapView { environment: environment.name, version, overlaps }))
}

fn find(document: &[u8], a: Option<&str>, b: Option<&str>) -> Result<Vec<Overlap>, Problem> {
    let snapshot = Snapshot::load(document).map_err(|fault| Problem::internal(&fault.detail))?;
    let not_running = |name: &str| invalid(name, "names no running experiment");
    let known = |name: &str, key: &str| snapshot.experiment(key).ok_or_else(|| not_running(name));
    let Some(a) = a.map(|key| known("a", key)).transpose()? else {
        let found: Vec<Overlap> = overlaps(&snapshot).take(MAX_PAIRS + 1).collect();
        if found.len() > MAX_PAIRS {
            let detail = "There are too many pairs to answer at once: ask with `a`.";
            return Err(Problem::bad_request("too_many_pairs", detail));
        }
        return Ok(found);
    };
    if let Some(b) = b.map(|key| known("b", key)).transpose()? {
        return Ok(vec![overlap(&snapshot, a, b).ok_or_else(|| not_running("b"))?]);
    }
    let others = snapshot.experiments().filter(|it| *it != a);
    Ok(others.filter_map(|it| overlap(&snapshot, a, it)).collect())
}
