//! Changing a holdout.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use crate::auth::{Authorized, Editor};
use crate::extract::if_match::etag;
use crate::extract::limits::MAX_NAME_CHARS;
use crate::extract::path::HoldoutRef;
use crate::extract::{Faults, IfMatch, JsonBody};
use crate::problem::Problem;
use crate::routes::bodies::UpdateHoldout;
use crate::routes::holdouts::input::{read_covered, read_extent};
use crate::routes::problems::WriteProblems;
use crate::routes::resources::read_description;
use crate::routes::views::HoldoutView;
use crate::state::AppState;
use crate::store::holdouts::HoldoutPatch;

/// Change a holdout. Another `share` keeps as many of today's users as it can. Readers see it with the
/// next publish. Its salt and `bucketBy` stay.
#[utoipa::path(
    patch, path = "/holdouts/{id}", tag = "holdouts", request_body = UpdateHoldout,
    params(
        ("id" = String, Path, description = "The holdout's id, or `environment:key`"),
        ("If-Match" = Option<String>, Header, description = "The version this change was made for")
    ),
    responses((status = 200, description = "Changed", body = HoldoutView), WriteProblems)
)]
pub async fn update_holdout(
    State(state): State<AppState>,
    authorized: Authorized<Editor>,
    HoldoutRef(which): HoldoutRef,
    IfMatch(expected): IfMatch,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let name = fields.take_nullable("name", &mut faults);
    let name = name.and_then(|found| found.name(MAX_NAME_CHARS, &mut faults));
    let description = read_description(&mut fields, &mut faults);
    let extent = read_extent(&mut fields, false, &mut faults);
    let experiments = read_covered(&mut fields, &mut faults);
    fields.close(&mut faults);
    let patch = HoldoutPatch { name, description, extent, experiments };
    let judge = |found| faults.and(found);
    let holdout = state.store.edit_holdout(&authorized.actor, &which, expected, patch, judge).await?;
    Ok((etag(holdout.version), Json(HoldoutView::from(holdout))))
}
