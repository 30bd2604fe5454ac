//! A web shop that gives each visitor a variant of its checkout button, with nothing but Postgres between it
//! and Lotwise:
//!
//! ```sh
//! DATABASE_URL=postgres://… cargo run -p lotwise-control --example assign_extractor
//! curl -i http://127.0.0.1:4000/
//! ```
//!
//! The experiment is `prod:checkout-button-color` of the walkthrough, running. docs/assign.md explains it.

use axum::extract::Request;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use lotwise_control::assign::{Assigner, Assignments, CachedStore, Error, Visitors, identify};
use lotwise_control::store::Store;
use serde_json::{Value, json};

/// Who is signed in, as the shop's own middleware has found out.
#[derive(Clone)]
struct SignedIn(String);

/// The shop. Handlers share an assigner, which a state of one's own may hold as well.
pub fn app(assigner: Assigner) -> Router {
    let visitors = Visitors::new()
        .with_session(|parts| parts.extensions.get::<SignedIn>().map(|user| format!("customer:{}", user.0)))
        .over_plain_http();
    Router::new()
        .route("/", get(front_page))
        // The last one added comes first: the session is read before visitors are told apart.
        .layer(from_fn_with_state(visitors, identify))
        .layer(from_fn(read_session))
        .with_state(assigner)
}

/// The page, in the visitor's colour.
async fn front_page(assignments: Assignments) -> Result<Json<Value>, Error> {
    let assignments = assignments.with_context(&json!({"country": "US", "plan": "pro"}))?;
    let button = assignments.assign("checkout-button-color").await?;
    let reason = button.reason.name();
    // Who is not in gets what everybody had before.
    let Some(variant) = button.variant else { return Ok(Json(json!({"color": "#0066cc", "why": reason}))) };
    let config: Value = serde_json::from_str(variant.payload.get()).unwrap_or_default();
    Ok(Json(json!({"color": config["color"], "variant": variant.key, "why": reason})))
}

/// Stands for whatever sessions the shop has; here everyone is who they say they are.
async fn read_session(mut request: Request, next: Next) -> Response {
    let name = request.headers().get("x-signed-in").and_then(|value| value.to_str().ok());
    if let Some(name) = name.map(ToOwned::to_owned) {
        request.extensions_mut().insert(SignedIn(name));
    }
    next.run(request).await
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let store = Store::connect(&std::env::var("DATABASE_URL")?, 10).await?;
    let assigner = Assigner::new(CachedStore::start(store)).in_environment("prod");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:4000").await?;
    Ok(axum::serve(listener, app(assigner)).await?)
}
