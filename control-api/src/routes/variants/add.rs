//! Adding a variant.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::value::RawValue;

use crate::auth::{Authorized, Editor};
use crate::domain::experiment::ExperimentRef;
use crate::domain::variant::Variant;
use crate::extract::if_match::etag;
use crate::extract::{Faults, IfMatch, JsonBody};
use crate::problem::Problem;
use crate::routes::bodies::AddVariant;
use crate::routes::experiments::{read_payload, slug_key};
use crate::routes::problems::WriteProblems;
use crate::routes::views::VariantView;
use crate::state::AppState;
use crate::store::experiments::Edit;
use crate::store::now;

/// Add a variant. It gets users once allocations or a rule name it.
#[utoipa::path(
    post, path = "/experiments/{id}/variants", tag = "variants", request_body = AddVariant,
    params(
        ("id" = String, Path, description = "The experiment's id, or `environment:key`"),
        ("If-Match" = Option<String>, Header, description = "The experiment's version")
    ),
    responses((status = 201, description = "Added", body = VariantView), WriteProblems)
)]
pub async fn add_variant(
    State(state): State<AppState>,
    authorized: Authorized<Editor>,
    which: ExperimentRef,
    IfMatch(expected): IfMatch,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let (key, name) = slug_key(&mut fields, &mut faults);
    let payload = read_payload(&mut fields, &mut faults);
    fields.close(&mut faults);
    faults.finish()?;

    let payload = payload.unwrap_or_else(|| RawValue::NULL.to_owned());
    let variant = Variant::new(key, name, payload, now());
    let added = variant.clone();
    let edit = Edit::AddVariant;
    state
        .store
        .edit_experiment(&authorized.actor, edit, &which, expected, |it| it.add_variant(variant))
        .await?;
    Ok((StatusCode::CREATED, etag(added.version), Json(VariantView::from(added))))
}
