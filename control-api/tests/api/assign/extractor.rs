//! Assignments in an application's own handlers: the example, as it is.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use lotwise_control::assign::{Assigner, Assignments, CachedStore, MemoryStore, RecordingSink, Visitors};
use lotwise_control::store::Store;
use serde_json::json;
use sqlx::PgPool;
use std::sync::Arc;

use crate::support::{Answer, Server, ask};

#[allow(dead_code, unreachable_pub, reason = "it is a program of its own")]
#[path = "../../../examples/assign_extractor.rs"]
mod example;

async fn visit(app: &Router, headers: &[(&str, &str)]) -> Answer {
    let request = headers.iter().fold(Request::get("/"), |it, (name, value)| it.header(*name, *value));
    ask(app, request.body(Body::empty()).unwrap()).await
}

/// The experiment of the walkthrough, running in `prod`.
async fn checkout(server: &Server) -> String {
    server.post("/api/environments", &json!({"name": "prod"})).await.expect(201);
    let body = json!({"key": "checkout-button-color", "environment": "prod", "variants": [
        {"key": "control", "payload": {"color": "#0066cc"}, "weight": 1},
        {"key": "treatment", "payload": {"color": "#00cc66"}, "weight": 1},
    ]});
    let id = server.post("/api/experiments", &body).await.expect(201)["id"].as_str().unwrap().to_owned();
    server.post(&format!("/api/experiments/{id}/start"), &json!({})).await.expect(200);
    id
}

#[sqlx::test(migrations = "../migrations")]
async fn an_anonymous_visitor_stays_the_same_one(pool: PgPool) {
    let server = Server::new(pool.clone());
    let id = checkout(&server).await;
    let sink = Arc::new(RecordingSink::default());
    let store = CachedStore::start(Store::from_pool(pool));
    let app = example::app(Assigner::with_sink(store, Arc::clone(&sink)).in_environment("prod"));

    let first = visit(&app, &[("x-request-id", "request-1")]).await;
    let given = first.expect(200);
    assert_eq!(given["why"], "SPLIT");
    assert_eq!(first.headers["x-request-id"], "request-1");
    let cookie = first.headers["set-cookie"].to_str().unwrap().to_owned();
    for attribute in ["lotwise_id=", "; Path=/", "; Max-Age=31536000", "; HttpOnly", "; SameSite=Lax"] {
        assert!(cookie.contains(attribute), "no {attribute} in {cookie}");
    }
    assert!(!cookie.contains("Secure"), "over plain HTTP: {cookie}");
    let cookie = cookie.split(';').next().unwrap();

    let other = if given["variant"] == "control" { "treatment" } else { "control" };
    server.give_all(&id, other).await;
    let again = visit(&app, &[("cookie", cookie), ("x-request-id", "request-2")]).await;
    assert_eq!((&again.expect(200)["variant"], &again.expect(200)["why"]), (&given["variant"], &json!("STICKY")));
    assert!(!again.headers.contains_key("set-cookie"), "it has one");
    let foreign = visit(&app, &[("cookie", "lotwise_id=somebody")]).await;
    assert!(foreign.headers.contains_key("set-cookie"), "what is no id of ours is replaced");

    let exposures = sink.take();
    let user = format!("anonymous:{}", cookie.split_once('=').unwrap().1);
    let requests: Vec<_> = exposures.iter().take(2).map(|it| it.request_id.as_deref()).collect();
    assert_eq!(requests, [Some("request-1"), Some("request-2")]);
    assert!(exposures[..2].iter().all(|it| it.user_key == user), "{exposures:?}");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_session_names_the_visitor(pool: PgPool) {
    let server = Server::new(pool.clone());
    let id = checkout(&server).await;
    let app = example::app(Assigner::new(Store::from_pool(pool)).in_environment("prod"));
    let given = visit(&app, &[("x-signed-in", "7")]).await;
    assert!(!given.headers.contains_key("set-cookie"), "a session needs no cookie of ours");
    let over_http = server.assign(&id, "customer:7").await;
    assert_eq!((&over_http["variant"], &over_http["reason"]), (&given.expect(200)["variant"], &json!("STICKY")));
}

#[sqlx::test(migrations = "../migrations")]
async fn failures_are_problems(pool: PgPool) {
    let server = Server::new(pool.clone());
    let app = example::app(Assigner::new(Store::from_pool(pool)).in_environment("prod"));
    assert_eq!(visit(&app, &[]).await.code(404), "not_found");
    let id = checkout(&server).await;
    server.post(&format!("/api/experiments/{id}/pause"), &json!({})).await.expect(200);
    assert_eq!(visit(&app, &[]).await.code(409), "not_running");
}

#[tokio::test]
async fn without_the_middleware_nobody_is_let_in() {
    let document = json!({"schema_version": 1, "environment": "prod", "version": 1,
        "published_at": "2026-11-21T10:00:00Z", "experiments": []});
    let assigner = Assigner::new(MemoryStore::new(document.to_string().as_bytes()).unwrap());
    let handler = |_: Assignments| async {};
    let app = Router::new().route("/", axum::routing::get(handler)).with_state(assigner);
    assert_eq!(visit(&app, &[]).await.status, 500);
    assert!(format!("{:?}", Visitors::new()).contains("is_secure: true"), "HTTPS unless told otherwise");
}
