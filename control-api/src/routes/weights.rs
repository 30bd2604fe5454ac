//! Weights: the shares of variants, turned into the ranges that move the fewest users.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use crate::auth::{Authorized, Editor};
use crate::domain::experiment::{Experiment, ExperimentRef, require_version};
use crate::domain::weights::{WEIGHT_OF_ONE, traffic_units};
use crate::extract::if_match::etag;
use crate::extract::limits::MAX_VARIANTS;
use crate::extract::query::Parameters;
use crate::extract::{Faults, Fields, Found, IfMatch, JsonBody};
use crate::problem::{FIELD_TOO_LARGE, Problem};
use crate::routes::bodies::SetWeights;
use crate::routes::problems::WriteProblems;
use crate::routes::views::WeightsView;
use crate::state::AppState;
use crate::store::experiments::Edit;

/// Give every variant its share: new ranges that move the fewest users from today's. No variant loses a
/// user that its new share has room for, and a user goes from one variant to another only where nobody
/// outside the traffic is left to take. Where nothing is allocated yet, each variant gets one range, in
/// the order of variants. Readers see it with the next publish.
#[utoipa::path(
    put, path = "/experiments/{id}/weights", tag = "variants", request_body = SetWeights,
    params(
        ("id" = String, Path, description = "The experiment's id, or `environment:key`"),
        ("dryRun" = Option<bool>, Query, description = "Say what would be and change nothing"),
        ("If-Match" = Option<String>, Header, description = "The experiment's version")
    ),
    responses((status = 200, description = "The new ranges, and who moves", body = WeightsView), WriteProblems)
)]
pub async fn set_weights(
    State(state): State<AppState>,
    authorized: Authorized<Editor>,
    which: ExperimentRef,
    IfMatch(expected): IfMatch,
    mut parameters: Parameters,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let dry_run = parameters.take_flag("dryRun")?;
    parameters.finish()?;
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let weights = read_weights(&mut fields, &mut faults);
    let traffic = fields.take("trafficAllocation", &mut faults);
    let traffic = traffic.and_then(|found| {
        let fraction = found.number(0.0, 1.0, &mut faults)?;
        let units = traffic_units(fraction);
        if units.is_none() {
            let detail = "This takes steps of 0.0001: there are 10,000 buckets.";
            faults.push(&found.at, "too_precise", detail);
        }
        units
    });
    fields.close(&mut faults);
    let change = move |experiment: &mut Experiment| {
        let plan = experiment.reweigh(&weights, traffic);
        faults.and(plan)
    };
    let (experiment, plan) = if dry_run {
        let mut experiment = state.store.experiment(&which).await?;
        require_version(experiment.version, expected)?;
        let plan = change(&mut experiment)?;
        (experiment, plan)
    } else {
        state.store.edit_experiment(&authorized.actor, Edit::SetWeights, &which, expected, change).await?
    };
    Ok((etag(experiment.version), Json(WeightsView::new(&experiment, &plan, dry_run))))
}

fn read_weights(fields: &mut Fields<'_>, faults: &mut Faults) -> BTreeMap<String, u32> {
    let Some(found) = fields.take("weights", faults) else {
        fields.require("weights", "Send the weight of every variant, by its key.", faults);
        return BTreeMap::new();
    };
    let Some(members) = found.fields(faults) else { return BTreeMap::new() };
    let entries = members.into_entries();
    if entries.len() > MAX_VARIANTS {
        faults.push(&found.at, FIELD_TOO_LARGE, format!("An experiment has up to {MAX_VARIANTS} variants."));
        return BTreeMap::new();
    }
    // A placeholder stands in for a weight that cannot be read; its fault keeps it from being used.
    let weight = |(key, found): (String, Found<'_>)| {
        let weight = found.integer(0, i64::from(WEIGHT_OF_ONE), faults);
        (key, weight.and_then(|it| it.try_into().ok()).unwrap_or(1))
    };
    entries.into_iter().map(weight).collect()
}
