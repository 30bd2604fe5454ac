//! All routes.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::any;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

use crate::auth::{guard_anonymous, guard_scope};
use crate::decide;
use crate::extract::limits::{MAX_BODY_BYTES, MAX_SAMPLE_BODY_BYTES};
use crate::http::{answer_method_not_allowed, answer_not_found, observe};
use crate::openapi::{self, base_document, with_keys};
use crate::routes::{
    allocations, assignments, audit, environments, events, experiments, explain, groups, health, holdouts,
    metrics, overrides, power, prometheus, segments, tokens, variants, weights,
};
use crate::state::AppState;

/// The admin API, without the prefix it is served under.
fn admin_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(environments::create_environment, environments::list_environments))
        .routes(routes!(environments::get_environment, environments::update_environment))
        .routes(routes!(environments::create_environment_key, environments::list_environment_keys))
        .routes(routes!(environments::revoke_environment_key))
        .routes(routes!(environments::publish_environment).layer(large_body()))
        .routes(routes!(environments::list_versions))
        .routes(routes!(environments::get_version))
        .routes(routes!(environments::get_version_snapshot))
        .routes(routes!(environments::get_overlap))
        .routes(routes!(explain::explain))
        .routes(routes!(environments::roll_back).layer(large_body()))
        .routes(routes!(experiments::create_experiment, experiments::list_experiments))
        .routes(routes!(
            experiments::get_experiment,
            experiments::update_experiment,
            experiments::delete_experiment
        ))
        .routes(routes!(experiments::get_experiment_history))
        .routes(routes!(experiments::change_experiment_status))
        .routes(routes!(experiments::start_experiment))
        .routes(routes!(experiments::pause_experiment))
        .routes(routes!(experiments::conclude_experiment))
        .routes(routes!(experiments::archive_experiment))
        .routes(routes!(experiments::publish_experiment).layer(large_body()))
        .routes(routes!(experiments::kill_experiment))
        .routes(routes!(variants::add_variant))
        .routes(routes!(variants::update_variant, variants::remove_variant))
        .routes(routes!(allocations::replace_allocations))
        .routes(routes!(tokens::create_token, tokens::list_tokens))
        .routes(routes!(tokens::get_token, tokens::update_token, tokens::revoke_token))
        .routes(routes!(audit::list_audit))
        .routes(routes!(weights::set_weights))
        .routes(routes!(events::track_event))
        .routes(routes!(events::get_exposure_quality))
        .routes(routes!(experiments::get_experiment_stats))
        .routes(routes!(power::post_power))
        .routes(routes!(metrics::create_metric, metrics::list_metrics))
        .routes(routes!(metrics::get_metric, metrics::update_metric, metrics::delete_metric))
        .routes(routes!(assignments::assign_user))
        .routes(routes!(assignments::assign_users))
        .routes(routes!(overrides::list_overrides))
        .routes(routes!(overrides::set_override, overrides::remove_override))
        .routes(routes!(segments::create_segment, segments::list_segments))
        .routes(routes!(segments::get_segment, segments::update_segment, segments::delete_segment))
        .routes(routes!(groups::create_group, groups::list_groups))
        .routes(routes!(groups::get_group, groups::update_group, groups::delete_group))
        .routes(routes!(groups::claim_slice, groups::release_slice))
        .routes(routes!(holdouts::create_holdout, holdouts::list_holdouts))
        .routes(routes!(holdouts::get_holdout, holdouts::update_holdout, holdouts::delete_holdout))
}

/// For routes whose dry run takes subjects.
fn large_body() -> DefaultBodyLimit {
    DefaultBodyLimit::max(MAX_SAMPLE_BODY_BYTES)
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
        .route_layer(from_fn_with_state(state.clone(), guard_scope))
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
