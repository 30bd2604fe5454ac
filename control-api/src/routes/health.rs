//! Whether this process and what it needs are well.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::problem::{Problem, ProblemBody};
use crate::state::AppState;

/// `GET /health`: always 200 while the process answers; `status` says how well it is.
#[utoipa::path(
    get, path = "/health", tag = "operations", security(()),
    responses((status = 200, description = "How the process and what it needs are", body = Value))
)]
pub async fn get_health(State(state): State<AppState>) -> Json<Value> {
    let (database, store) = tokio::join!(state.store.ping(), state.objects.is_healthy());
    let mut health = state.decide.as_ref().map_or_else(|| json!({"status": "ok"}), |it| it.health());
    let word = |is_well: bool| if is_well { "ok" } else { "unavailable" };
    if let Value::Object(fields) = &mut health {
        if database.is_err() || !store {
            fields.insert("status".to_owned(), json!("degraded"));
        }
        fields.insert("database".to_owned(), json!({ "status": word(database.is_ok()) }));
        fields.insert("store".to_owned(), json!({ "status": word(store) }));
    }
    Json(health)
}

/// `GET /ready`: whether a load balancer should send requests here. The store is no part of it:
/// edits and decisions go on without it.
#[utoipa::path(
    get, path = "/ready", tag = "operations", security(()),
    responses(
        (status = 200, description = "Ready", body = Value),
        (
            status = 503, description = "Not ready; `detail` says what is away",
            body = ProblemBody<'static>, content_type = "application/problem+json"
        )
    )
)]
pub async fn get_ready(State(state): State<AppState>) -> Result<Json<Value>, Problem> {
    let database = state.store.ping().await.is_ok();
    let decide = state.decide.as_ref().is_none_or(|decide| decide.is_ready());
    let detail = match (database, decide) {
        (true, true) => return Ok(Json(json!({ "status": "ready" }))),
        (false, true) => "The database does not answer.",
        (true, false) => "The store has not said yet what is published.",
        (false, false) => "The database does not answer, and the store has not said yet what is published.",
    };
    Err(Problem::unavailable("not_ready", detail))
}
