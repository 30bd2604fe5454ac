//! Changing a metric.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use super::input::{self, nullable, value};
use crate::auth::{Authorized, Editor};
use crate::domain::metric::{MetricPatch, MetricRef};
use crate::extract::if_match::etag;
use crate::extract::limits::{MAX_NAME_CHARS, MAX_PROSE_CHARS};
use crate::extract::rules::condition_list;
use crate::extract::{Faults, Fields, Found, IfMatch, JsonBody};
use crate::problem::Problem;
use crate::routes::bodies::UpdateMetric;
use crate::routes::problems::WriteProblems;
use crate::routes::views::MetricView;
use crate::state::AppState;

/// Change a metric. Results of the experiments that use it are made anew from their events.
#[utoipa::path(
    patch, path = "/metrics/{id}", tag = "metrics", request_body = UpdateMetric,
    params(
        ("id" = String, Path, description = "The metric's id, or `environment:key`"),
        ("If-Match" = Option<String>, Header, description = "The version this change was made for")
    ),
    responses((status = 200, description = "Changed", body = MetricView), WriteProblems)
)]
pub async fn update_metric(
    State(state): State<AppState>,
    authorized: Authorized<Editor>,
    which: MetricRef,
    IfMatch(expected): IfMatch,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let patch = read_patch(&mut fields, &mut faults);
    fields.close(&mut faults);
    let change = |metric: &mut _| faults.and(patch.apply(metric));
    let metric = state.store.edit_metric(&authorized.actor, &which, expected, change).await?;
    Ok((etag(metric.version), Json(MetricView::from(metric))))
}

fn read_patch(fields: &mut Fields<'_>, faults: &mut Faults) -> MetricPatch {
    let name = |it: &Found<'_>, faults: &mut Faults| it.name(MAX_NAME_CHARS, faults);
    let prose = |it: &Found<'_>, faults: &mut Faults| it.text(MAX_PROSE_CHARS, faults);
    MetricPatch {
        name: value(fields, "name", faults, name),
        description: nullable(fields, "description", faults, prose),
        event_name: value(fields, "eventName", faults, input::label),
        value_property: nullable(fields, "valueProperty", faults, input::label),
        denominator_event: nullable(fields, "denominatorEvent", faults, input::label),
        denominator_property: nullable(fields, "denominatorProperty", faults, input::label),
        quantile: nullable(fields, "quantile", faults, input::share),
        filters: value(fields, "filters", faults, condition_list),
        window_start_seconds: value(fields, "windowStartSeconds", faults, input::seconds),
        window_end_seconds: nullable(fields, "windowEndSeconds", faults, input::seconds),
        winsor_lower: nullable(fields, "winsorLower", faults, input::share),
        winsor_upper: nullable(fields, "winsorUpper", faults, input::share),
        direction: value(fields, "direction", faults, input::direction),
        minimum_effect: nullable(fields, "minimumEffect", faults, input::effect),
        guardrail_margin: nullable(fields, "guardrailMargin", faults, input::effect),
        pre_period_seconds: nullable(fields, "prePeriodSeconds", faults, input::some_seconds),
    }
}
