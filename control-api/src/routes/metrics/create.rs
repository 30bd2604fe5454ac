//! Making a metric.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::input;
use crate::auth::{Authorized, Editor};
use crate::domain::environment::Environment;
use crate::domain::metric::{DEFAULT_WINSOR_UPPER, Definition, Metric, MetricKind, OWN_VALUE};
use crate::extract::if_match::etag;
use crate::extract::limits::MAX_PROSE_CHARS;
use crate::extract::rules::condition_list;
use crate::extract::{Faults, Fields, JsonBody};
use crate::problem::Problem;
use crate::routes::bodies::CreateMetric;
use crate::routes::experiments::{read_environment, slug_key};
use crate::routes::problems::WriteProblems;
use crate::routes::views::MetricView;
use crate::state::AppState;
use crate::store::now;

/// Make a metric: what experiments are judged by. Of sums and counts the largest hundredth of users is
/// drawn to the 99th percentile unless `winsorUpper` says otherwise; null leaves them as they are.
#[utoipa::path(
    post, path = "/metrics", tag = "metrics", request_body = CreateMetric,
    responses((status = 201, description = "Made", body = MetricView), WriteProblems)
)]
pub async fn create_metric(
    State(state): State<AppState>,
    authorized: Authorized<Editor>,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let choice = read_environment(&mut fields, &authorized.scope, state.client_side_default, &mut faults);
    let metric = read_metric(&mut fields, now(), &mut faults);
    fields.close(&mut faults);
    faults.and(metric.definition.require_sound())?;
    let build = move |environment: &Environment| {
        let (environment_id, environment) = (environment.id, environment.name.clone());
        Ok(Metric { environment_id, environment, ..metric })
    };
    let metric = state.store.create_metric(&authorized.actor, &choice, build).await?;
    let location = [(header::LOCATION, format!("/api/metrics/{}", metric.id))];
    Ok((StatusCode::CREATED, location, etag(metric.version), Json(MetricView::from(metric))))
}

/// The metric that a body describes, in no environment yet.
fn read_metric(fields: &mut Fields<'_>, now: DateTime<Utc>, faults: &mut Faults) -> Metric {
    let (key, name) = slug_key(fields, faults);
    let kind = fields.take("kind", faults);
    if kind.is_none() {
        fields.require("kind", "Say what is made of the events: `conversion`, `count`, …", faults);
    }
    let kind = kind.and_then(|found| input::kind(&found, faults)).unwrap_or(MetricKind::Conversion);
    let adds_up = matches!(kind, MetricKind::Sum | MetricKind::Quantile);
    let own_value = adds_up.then(|| OWN_VALUE.to_owned());
    let upper = matches!(kind, MetricKind::Sum | MetricKind::Count).then_some(DEFAULT_WINSOR_UPPER);
    let mut take =
        |name, read: fn(&_, &mut _) -> _| fields.take(name, faults).and_then(|found| read(&found, faults));
    let event_name = take("eventName", input::label).unwrap_or_else(|| key.clone());
    let value_property = take("valueProperty", input::label).or(own_value);
    let denominator_event = take("denominatorEvent", input::label);
    let denominator_property = take("denominatorProperty", input::label);
    let text = |it: &crate::extract::Found<'_>, faults: &mut Faults| it.text(MAX_PROSE_CHARS, faults);
    let filters = fields.take("filters", faults).and_then(|found| condition_list(&found, faults));
    let start = fields.take("windowStartSeconds", faults);
    let end = fields.take("windowEndSeconds", faults);
    let pre_period = fields.take("prePeriodSeconds", faults);
    let winsor_upper = input::nullable(fields, "winsorUpper", faults, input::share);
    let mut number =
        |name, read: fn(&_, &mut _) -> _| fields.take(name, faults).and_then(|found| read(&found, faults));
    let quantile = number("quantile", input::share);
    let winsor_lower = number("winsorLower", input::share);
    let minimum_effect = number("minimumEffect", input::effect);
    let guardrail_margin = number("guardrailMargin", input::effect);
    Metric {
        id: Uuid::now_v7(),
        environment_id: Uuid::nil(),
        environment: String::new(),
        key,
        name,
        description: fields.take("description", faults).and_then(|found| text(&found, faults)),
        definition: Definition {
            kind,
            event_name,
            value_property,
            denominator_event,
            denominator_property,
            quantile,
            filters: filters.unwrap_or_default(),
            window_start_seconds: start.and_then(|it| input::seconds(&it, faults)).unwrap_or(0),
            window_end_seconds: end.and_then(|it| input::seconds(&it, faults)),
            winsor_lower,
            winsor_upper: winsor_upper.unwrap_or(upper),
            pre_period_seconds: pre_period.and_then(|it| input::some_seconds(&it, faults)),
        },
        direction: fields
            .take("direction", faults)
            .and_then(|found| input::direction(&found, faults))
            .unwrap_or_default(),
        minimum_effect,
        guardrail_margin,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}
