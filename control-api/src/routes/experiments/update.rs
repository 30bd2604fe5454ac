//! Changing an experiment's own fields.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use super::input;
use super::metrics::read_metrics;
use crate::auth::{Authorized, Editor};
use crate::domain::experiment::ExperimentRef;
use crate::domain::patch::ExperimentPatch;
use crate::extract::if_match::etag;
use crate::extract::limits::{MAX_NAME_CHARS, MAX_PROSE_CHARS};
use crate::extract::rules::{delivery_rules, targeting_rules};
use crate::extract::{Faults, Fields, Found, IfMatch, JsonBody};
use crate::problem::Problem;
use crate::routes::bodies::UpdateExperiment;
use crate::routes::problems::WriteProblems;
use crate::routes::views::ExperimentView;
use crate::state::AppState;
use crate::store::experiments::{Edit, Mentions};

/// Change an experiment. Readers see it with the next publish.
#[utoipa::path(
    patch, path = "/experiments/{id}", tag = "experiments", request_body = UpdateExperiment,
    params(
        ("id" = String, Path, description = "The experiment's id, or `environment:key`"),
        ("If-Match" = Option<String>, Header, description = "The version this change was made for")
    ),
    responses((status = 200, description = "Changed", body = ExperimentView), WriteProblems)
)]
pub async fn update_experiment(
    State(state): State<AppState>,
    authorized: Authorized<Editor>,
    which: ExperimentRef,
    IfMatch(expected): IfMatch,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let patch = read_patch(&mut fields, &mut faults);
    fields.close(&mut faults);
    let mentions = mentions(&patch);
    let (experiment, ()) = state
        .store
        .edit_mentioning(&authorized.actor, Edit::Update, &which, expected, &mentions, |experiment| {
            faults.and(patch.apply(experiment))
        })
        .await?;
    Ok((etag(experiment.version), Json(ExperimentView::from(experiment))))
}

/// What has to be read before the change can be tried.
fn mentions(patch: &ExperimentPatch) -> Mentions {
    let prerequisites = patch.prerequisites.iter().flatten();
    Mentions {
        experiments: prerequisites.map(|it| it.experiment.clone()).collect(),
        group: patch.group_key.clone().flatten(),
    }
}

fn read_patch(fields: &mut Fields<'_>, faults: &mut Faults) -> ExperimentPatch {
    let prose = |it: &Found<'_>, faults: &mut Faults| it.text(MAX_PROSE_CHARS, faults);
    let name = |it: &Found<'_>, faults: &mut Faults| it.name(MAX_NAME_CHARS, faults);
    let metrics = read_metrics(fields, faults);
    ExperimentPatch {
        name: value(fields, "name", faults, name),
        description: nullable(fields, "description", faults, prose),
        hypothesis: nullable(fields, "hypothesis", faults, prose),
        targeting_rules: value(fields, "targetingRules", faults, targeting_rules),
        rules: value(fields, "rules", faults, delivery_rules),
        prerequisites: value(fields, "prerequisites", faults, input::prerequisites),
        group_key: nullable(fields, "groupKey", faults, input::group_key),
        metrics: metrics.keys,
        primary_metric: metrics.primary,
        guardrail_metrics: metrics.guardrails,
        minimum_days: value(fields, "minimumDays", faults, input::minimum_days),
        target_sample_size: nullable(fields, "targetSampleSize", faults, input::sample_size),
        significance_level: value(fields, "significanceLevel", faults, input::significance_level),
        sticky: value(fields, "sticky", faults, Found::boolean),
        client_side: value(fields, "clientSide", faults, Found::boolean),
        bucket_by: value(fields, "bucketBy", faults, input::read_bucket_by),
        hash: value(fields, "hash", faults, input::hash),
        salt: value(fields, "salt", faults, input::read_salt),
    }
}

/// A field that cannot be empty: null is a fault like any other wrong type.
fn value<'a, T>(
    fields: &mut Fields<'a>,
    name: &'static str,
    faults: &mut Faults,
    read: impl FnOnce(&Found<'a>, &mut Faults) -> Option<T>,
) -> Option<T> {
    let found = fields.take_nullable(name, faults)?;
    read(&found, faults)
}

/// A field that null empties.
#[allow(clippy::option_option)] // Absent is not null.
fn nullable<'a, T>(
    fields: &mut Fields<'a>,
    name: &'static str,
    faults: &mut Faults,
    read: impl FnOnce(&Found<'a>, &mut Faults) -> Option<T>,
) -> Option<Option<T>> {
    let found = fields.take_nullable(name, faults)?;
    if found.is_null() { Some(None) } else { read(&found, faults).map(Some) }
}
