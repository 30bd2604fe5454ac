//! Removing a variant.

use axum::extract::State;
use axum::http::StatusCode;

use crate::auth::{Authorized, Editor};
use crate::domain::experiment::ExperimentRef;
use crate::extract::IfMatch;
use crate::extract::path::VariantKey;
use crate::problem::Problem;
use crate::routes::problems::WriteProblems;
use crate::state::AppState;
use crate::store::experiments::Edit;

/// Remove a variant that nothing needs: neither winner nor rules, and, once the experiment has
/// started, no allocation. A draft loses the variant's allocations with it.
#[utoipa::path(
    delete, path = "/experiments/{id}/variants/{key}", tag = "variants",
    params(
        ("id" = String, Path, description = "The experiment's id, or `environment:key`"),
        ("key" = String, Path, description = "The variant's key"),
        ("If-Match" = Option<String>, Header, description = "The variant's version")
    ),
    responses((status = 204, description = "Removed"), WriteProblems)
)]
pub async fn remove_variant(
    State(state): State<AppState>,
    authorized: Authorized<Editor>,
    which: ExperimentRef,
    VariantKey(key): VariantKey,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, Problem> {
    let edit = Edit::RemoveVariant;
    state
        .store
        .edit_experiment(&authorized.actor, edit, &which, None, |experiment| {
            experiment.remove_variant(&key, expected)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
