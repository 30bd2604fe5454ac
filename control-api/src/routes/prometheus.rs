//! What Prometheus reads.

use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::auth::{Authorized, Viewer};
use crate::decide::DecideRole;
use crate::ingest::Ingest;
use crate::problem::{Problem, ProblemBody};
use crate::prometheus::{CONTENT_TYPE as OPEN_METRICS, Page};
use crate::state::AppState;
use crate::store::{Store, StoreResult};

/// Whoever may read the metrics: with `METRICS_TOKEN`, or as a viewer of every environment.
#[derive(Debug)]
pub struct MayScrape;

impl FromRequestParts<AppState> for MayScrape {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        if state.metrics.permits(&parts.headers) {
            return Ok(Self);
        }
        let viewer = Authorized::<Viewer>::from_request_parts(parts, state).await?;
        if viewer.scope.is_all() {
            return Ok(Self);
        }
        let detail = "The metrics tell of all environments; a token of some may not read them.";
        Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", detail))
    }
}

/// `GET /metrics`, for Prometheus: in the `OpenMetrics` text format. With `METRICS_ADDRESS` the same is served
/// on an address of its own without a token.
#[utoipa::path(
    get, path = "/metrics", tag = "operations",
    responses(
        (status = 200, description = "All metrics", body = String, content_type = "application/openmetrics-text"),
        (status = 401, description = "Neither METRICS_TOKEN nor a token of the admin API", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "The token's role does not allow it", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The database does not answer", body = ProblemBody<'static>, content_type = "application/problem+json")
    )
)]
pub async fn get_metrics(State(state): State<AppState>, _: MayScrape) -> Result<Response, Problem> {
    let page = metrics_page(Some((&state.store, &state.ingest)), state.decide.as_deref()).await?;
    answer(&page)
}

/// The same without asking who it is, for a listener that the public cannot reach.
pub async fn answer_metrics(
    control: Option<(&Store, &Ingest)>,
    decide: Option<&DecideRole>,
) -> Result<Response, Problem> {
    answer(&metrics_page(control, decide).await?)
}

fn answer(page: &Page) -> Result<Response, Problem> {
    let text = page.write().map_err(|error| Problem::internal(&error))?;
    Ok(([(CONTENT_TYPE, OPEN_METRICS)], text).into_response())
}

async fn metrics_page(control: Option<(&Store, &Ingest)>, decide: Option<&DecideRole>) -> StoreResult<Page> {
    let mut page = Page::default();
    if let Some((store, ingest)) = control {
        add_experiments(&mut page, store).await?;
        add_queues(&mut page, store, ingest).await?;
    }
    if let Some(decide) = decide {
        add_environments(&mut page, &decide.health());
    }
    Ok(page)
}

async fn add_experiments(page: &mut Page, store: &Store) -> StoreResult<()> {
    let statuses = store.status_counts().await?;
    page.gauges(
        "experimentation_experiments_total",
        "Experiments by status",
        statuses.into_iter().map(|it| (vec![("status", it.status)], whole(it.count))),
    );
    let (exposures, events): (Vec<_>, Vec<_>) =
        store.event_counts().await?.into_iter().partition(|it| it.event_name.is_empty());
    page.counters(
        "experimentation_variant_assignments",
        "Exposures that count, by variant",
        exposures.into_iter().map(|it| {
            let labels = vec![("experiment_id", it.experiment_id.to_string()), ("variant", it.variant)];
            (labels, it.count.try_into().unwrap_or_default())
        }),
    );
    page.counters(
        "experimentation_events",
        "Events of exposed users that some metric of the experiment reads",
        events.into_iter().map(|it| {
            let labels = vec![
                ("experiment_id", it.experiment_id.to_string()),
                ("variant", it.variant),
                ("event_name", it.event_name),
            ];
            (labels, it.count.try_into().unwrap_or_default())
        }),
    );
    let significant = store.significant_counts().await?;
    page.gauges(
        "experimentation_significant_results_total",
        "Comparisons that are significant by now",
        significant
            .into_iter()
            .map(|it| (vec![("experiment_id", it.experiment_id.to_string())], f64::from(it.significant))),
    );
    Ok(())
}

async fn add_queues(page: &mut Page, store: &Store, ingest: &Ingest) -> StoreResult<()> {
    let counts = ingest.counts();
    let one = |value: f64| [(Vec::new(), value)];
    #[expect(clippy::cast_precision_loss, reason = "a queue is bounded")]
    page.gauges("lotwise_event_queue_depth", "Events that wait to be written", one(counts.waiting as f64));
    page.counters("lotwise_events_written", "Events written by this process", [(Vec::new(), counts.written)]);
    page.counters(
        "lotwise_events_duplicate",
        "Events that were known already",
        [(Vec::new(), counts.duplicates)],
    );
    page.counters(
        "lotwise_events_clamped",
        "Events stamped in the future, which count as of when they were received",
        [(Vec::new(), counts.clamped)],
    );
    page.counters(
        "lotwise_events_refused",
        "Events refused by this process, by reason",
        counts.refused.into_iter().map(|(reason, count)| (vec![("reason", reason.to_owned())], count)),
    );
    page.counters(
        "lotwise_events_overloaded",
        "Events sent away by this process because too many waited",
        [(Vec::new(), counts.overloaded)],
    );
    page.gauges("lotwise_jobs_waiting", "Jobs that are not done", one(whole(store.waiting_jobs().await?)));
    let pool = store.pool_use();
    page.gauges(
        "lotwise_database_connections",
        "Connections of this process to the database, by state",
        [("used", pool.used), ("idle", pool.idle)]
            .map(|(state, count)| (vec![("state", state.to_owned())], f64::from(count))),
    );
    page.gauges("lotwise_database_connections_max", "Connections at most", one(f64::from(pool.max)));
    Ok(())
}

/// Version and age of what is held, as `/health` tells them.
fn add_environments(page: &mut Page, health: &Value) {
    let environments = health["environments"].as_object();
    let values = |field: &'static str| {
        let of = move |(name, it): (&String, &Value)| {
            Some((vec![("environment", name.clone())], it[field].as_f64()?))
        };
        environments.into_iter().flatten().filter_map(of).collect::<Vec<_>>()
    };
    page.gauges("lotwise_config_version", "The version that is decided on", values("version"));
    page.gauges(
        "lotwise_config_age_seconds",
        "Time since the store confirmed the version that is decided on",
        values("age_seconds"),
    );
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows that people make")]
fn whole(count: i64) -> f64 {
    count as f64
}
