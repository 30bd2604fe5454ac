//! Changing a variant.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use crate::auth::{Authorized, Editor};
use crate::domain::experiment::ExperimentRef;
use crate::domain::patch::VariantPatch;
use crate::extract::if_match::etag;
use crate::extract::limits::MAX_NAME_CHARS;
use crate::extract::path::VariantKey;
use crate::extract::{Faults, IfMatch, JsonBody};
use crate::problem::Problem;
use crate::routes::bodies::UpdateVariant;
use crate::routes::experiments::read_payload;
use crate::routes::problems::WriteProblems;
use crate::routes::views::VariantView;
use crate::state::AppState;
use crate::store::experiments::Edit;
use crate::store::now;

/// Change a variant's name or payload. Its key stays: decisions were recorded under it.
#[utoipa::path(
    patch, path = "/experiments/{id}/variants/{key}", tag = "variants",
    request_body = UpdateVariant,
    params(
        ("id" = String, Path, description = "The experiment's id, or `environment:key`"),
        ("key" = String, Path, description = "The variant's key"),
        ("If-Match" = Option<String>, Header, description = "The variant's version")
    ),
    responses((status = 200, description = "Changed", body = VariantView), WriteProblems)
)]
pub async fn update_variant(
    State(state): State<AppState>,
    authorized: Authorized<Editor>,
    which: ExperimentRef,
    VariantKey(key): VariantKey,
    IfMatch(expected): IfMatch,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let name = fields.take_nullable("name", &mut faults);
    let name = name.and_then(|found| found.name(MAX_NAME_CHARS, &mut faults));
    let payload = read_payload(&mut fields, &mut faults);
    fields.close(&mut faults);

    let patch = VariantPatch { name, payload };
    let edit = Edit::UpdateVariant;
    let (_, variant) = state
        .store
        .edit_experiment(&authorized.actor, edit, &which, None, |experiment| {
            faults.and(patch.apply(experiment, &key, expected, now()))
        })
        .await?;
    Ok((etag(variant.version), Json(VariantView::from(variant))))
}
