//! All routes.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::any;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::guard_anonymous;
use crate::decide;
use crate::extract::limits::MAX_BODY_BYTES;
use crate::http::{answer_method_not_allowed, answer_not_found, observe};
use crate::openapi::{self, base_document, with_keys};
use crate::routes::{
    allocations, assignments, environments, events, experiments, health, metrics, power, prometheus, variants,
};
use crate::state::AppState;

/// The admin API, without the prefix it is served under.
fn admin_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(environments::create_environment, environments::list_environments))
        .routes(routes!(environments::get_environment))
        .routes(routes!(environments::publish_environment))
        .routes(routes!(environments::list_versions))
        .routes(routes!(environments::get_version))
        .routes(routes!(environments::get_version_snapshot))
        .routes(routes!(environments::roll_back))
        .routes(routes!(experiments::create_experiment, experiments::list_experiments))
        .routes(routes!(
            experiments::get_experiment,
            experiments::update_experiment,
            experiments::delete_experiment
        ))
        .routes(routes!(experiments::change_experiment_status))
        .routes(routes!(experiments::start_experiment))
        .routes(routes!(experiments::pause_experiment))
        .routes(routes!(experiments::conclude_experiment))
        .routes(routes!(experiments::archive_experiment))
        .routes(routes!(experiments::publish_experiment))
        .routes(routes!(events::track_event))
        .routes(routes!(events::get_exposure_quality))
        .routes(routes!(variants::add_variant))
        .routes(routes!(variants::update_variant, variants::remove_variant))
        .routes(routes!(allocations::replace_allocations))
        .routes(routes!(experiments::get_experiment_stats))
        .routes(routes!(power::post_power))
        .routes(routes!(metrics::create_metric, metrics::list_metrics))
        .routes(routes!(metrics::get_metric, metrics::update_metric, metrics::delete_metric))
        .routes(routes!(assignments::assign_user))
        .routes(routes!(assignments::assign_users))
}

/// What stands beside the admin API, for everyone.
fn open_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(openapi::get_openapi))
}

fn operation_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(health::get_health)).routes(routes!(health::get_ready))
}

/// What Prometheus reads.
fn metrics_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(prometheus::get_metrics))
}

/// Where events are taken. Like decisions they are too many for a line of log each, come from pages, and are
/// routed by `lotwise_serving`, whatever the method.
fn event_routes(state: AppState) -> Router {
    let take = || any(events::take_events);
    Router::new()
        .route("/events", take())
        .route("/api/events", take())
        .route("/api/v1/events", take())
        .with_state(state)
}

/// The OpenAPI document of everything that this program serves.
pub fn openapi() -> OpenApi {
    let routes = operation_routes().merge(metrics_routes()).nest("/api", admin_routes().merge(open_routes()));
    let mut document = base_document();
    document.merge(routes.into_openapi());
    document.merge(with_keys(decide::openapi()));
    document
}

/// The control role's routes; with the decide role in the same process, its routes too.
pub fn control_router(state: AppState) -> Router {
    let (admin, _) = admin_routes().split_for_parts();
    let admin = admin
        .route_layer(from_fn_with_state(state.clone(), guard_anonymous))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .merge(Router::from(open_routes()));
    let (operations, _) = operation_routes().split_for_parts();
    let (metrics, _) = metrics_routes().split_for_parts();
    let metrics = metrics.route_layer(from_fn_with_state(state.clone(), guard_anonymous));
    let operations = operations.merge(metrics);
    let decide = state.decide.clone();
    let events = event_routes(state.clone());
    let control = operations.nest("/api", admin.clone()).nest("/api/v1", admin).with_state(state);
    let control = control.fallback(answer_not_found).method_not_allowed_fallback(answer_method_not_allowed);
    let control = control.layer(from_fn(observe)).merge(events);
    match decide {
        // What both have, `/health` and `/ready`, is answered for both above.
        Some(decide) => control.fallback_service(decide.router()),
        None => control,
    }
}
