//! Events: taken once, kept, checked, dropped.

mod batches;
mod checked;
mod kept;
mod odd;
mod once;
mod refused;
mod skewed;
mod tracked;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::support::{Answer, Server, ask};

/// Sends a body to a path, with these headers on top.
pub(crate) async fn send(
    server: &Server,
    path: &str,
    body: impl Into<Vec<u8>>,
    headers: &[(&str, &str)],
) -> Answer {
    let mut request = Request::builder().method("POST").uri(path);
    if !headers.iter().any(|(name, _)| *name == "content-type") {
        request = request.header("content-type", "application/json");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    ask(&server.router, request.body(Body::from(body.into())).unwrap()).await
}

/// `button`, running, with these metrics.
pub(crate) async fn measured(pool: PgPool, metrics: &[Value]) -> Server {
    let server = Server::new(pool);
    server.running("button").await;
    for metric in metrics {
        server.post("/api/metrics", metric).await.expect(201);
    }
    let keys: Vec<&Value> = metrics.iter().map(|metric| &metric["key"]).collect();
    server.patch("/api/experiments/prod:button", &json!({"metrics": keys})).await.expect(200);
    server
}

/// Sends events without a key.
pub(crate) async fn post(server: &Server, events: &[Value]) -> Answer {
    send(server, "/api/events", json!({ "events": events }).to_string(), &[]).await
}

/// A `track` event with these members on top.
pub(crate) fn track(members: Value) -> Value {
    with(
        json!({"id": Uuid::now_v7(), "type": "track", "environment": "prod", "user_key": "u", "event_name": "buy"}),
        members,
    )
}

/// An exposure to `treatment` of `button` with these members on top.
pub(crate) fn exposure(members: Value) -> Value {
    with(
        json!({"id": Uuid::now_v7(), "type": "exposure", "environment": "prod", "user_key": "u",
               "experiment_key": "button", "variant_key": "treatment", "reason": "SPLIT"}),
        members,
    )
}

fn with(mut event: Value, members: Value) -> Value {
    let Value::Object(members) = members else { panic!("an object") };
    for (name, value) in members {
        event[name] = value;
    }
    event
}

/// The number that a query gives.
pub(crate) async fn count(pool: &PgPool, sql: &str) -> i64 {
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned())).fetch_one(pool).await.unwrap()
}
