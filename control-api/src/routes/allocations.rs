//! Replacing the allocations of an experiment.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use uuid::Uuid;

use crate::auth::{Authorized, Editor};
use crate::domain::allocation::{Allocation, BUCKETS};
use crate::domain::experiment::{Experiment, ExperimentRef};
use crate::domain::key::MAX_KEY_BYTES;
use crate::extract::if_match::etag;
use crate::extract::rules::range;
use crate::extract::{Faults, Fields, Found, IfMatch, JsonBody};
use crate::problem::Problem;
use crate::routes::bodies::ReplaceAllocations;
use crate::routes::problems::WriteProblems;
use crate::routes::views::AllocationsView;
use crate::state::AppState;
use crate::store::experiments::Edit;

/// Replace all allocations of an experiment. Overlaps, ranges outside 0 to 9999 and unknown
/// variants are refused; buckets that nobody owns are out of traffic.
#[utoipa::path(
    put, path = "/experiments/{id}/allocations", tag = "variants",
    request_body = ReplaceAllocations,
    params(
        ("id" = String, Path, description = "The experiment's id, or `environment:key`"),
        ("If-Match" = Option<String>, Header, description = "The experiment's version")
    ),
    responses((status = 200, description = "Replaced", body = AllocationsView), WriteProblems)
)]
pub async fn replace_allocations(
    State(state): State<AppState>,
    authorized: Authorized<Editor>,
    which: ExperimentRef,
    IfMatch(expected): IfMatch,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let sent = read_allocations(&mut fields, &mut faults);
    fields.close(&mut faults);
    let edit = Edit::ReplaceAllocations;
    let (experiment, ()) = state
        .store
        .edit_experiment(&authorized.actor, edit, &which, expected, move |experiment| {
            let allocations = resolve(&sent, experiment, &mut faults);
            faults.and(experiment.replace_allocations(allocations))
        })
        .await?;
    Ok((etag(experiment.version), Json(AllocationsView::from(&experiment))))
}

struct Sent {
    variant: Option<SentVariant>,
    range_start: u16,
    range_end: u16,
}

struct SentVariant {
    at: String,
    by: By,
}

enum By {
    Id(Uuid),
    Key(String),
}

fn read_allocations(fields: &mut Fields<'_>, faults: &mut Faults) -> Vec<Sent> {
    let Some(found) = fields.take("allocations", faults) else {
        fields.require("allocations", "Send all of them; [] takes everyone out of traffic.", faults);
        return Vec::new();
    };
    let elements = found.list(BUCKETS.into(), faults).unwrap_or_default();
    elements.iter().filter_map(|element| read_allocation(element, faults)).collect()
}

fn read_allocation(found: &Found<'_>, faults: &mut Faults) -> Option<Sent> {
    let mut fields = found.fields(faults)?;
    let id = fields.take("variantId", faults);
    let key = fields.take("variant", faults);
    let (range_start, range_end) = range(&mut fields, faults);
    let variant = match (id, key) {
        (Some(_), Some(key)) => {
            let detail = "Send `variantId` or `variant`, not both.";
            faults.push(key.at, "duplicate_field", detail);
            None
        }
        (Some(id), None) => read_id(&id, faults),
        (None, Some(key)) => {
            key.text(MAX_KEY_BYTES, faults).map(|text| SentVariant { at: key.at.clone(), by: By::Key(text) })
        }
        (None, None) => {
            fields.require("variantId", "Name the variant that owns the range.", faults);
            None
        }
    };
    fields.close(faults);
    Some(Sent { variant, range_start, range_end })
}

fn read_id(found: &Found<'_>, faults: &mut Faults) -> Option<SentVariant> {
    let text = found.text(64, faults)?;
    if let Ok(id) = text.parse() {
        return Some(SentVariant { at: found.at.clone(), by: By::Id(id) });
    }
    faults.push(&found.at, "unknown_variant", "No variant has this id.");
    None
}

/// The allocations with the ids of the experiment's own variants. Where there is none a placeholder
/// stands in, so that overlaps are found all the same.
fn resolve(sent: &[Sent], experiment: &Experiment, faults: &mut Faults) -> Vec<Allocation> {
    let mut find = |variant: &SentVariant| {
        let found = experiment.variants.iter().find(|it| match &variant.by {
            By::Id(id) => it.id == *id,
            By::Key(key) => it.key == *key,
        });
        if found.is_none() {
            faults.push(&variant.at, "unknown_variant", "The experiment has no such variant.");
        }
        found.map(|variant| variant.id)
    };
    sent.iter()
        .map(|it| Allocation {
            variant_id: it.variant.as_ref().and_then(&mut find).unwrap_or_default(),
            range_start: it.range_start,
            range_end: it.range_end,
        })
        .collect()
}
