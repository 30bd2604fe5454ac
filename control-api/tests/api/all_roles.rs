//! Both roles on one port, as `serve --role all` has them.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use lotwise_control::decide::{DecideRole, DecideSettings};
use lotwise_control::router::control_router;
use lotwise_control::state::AppState;
use lotwise_serving::StickyKeys;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{Answer, Server, TOKEN, ask};

/// Both roles; nothing is published where the second one looks.
async fn both(server: &Server, environments: &[&str]) -> Router {
    let settings = DecideSettings {
        base_url: "http://127.0.0.1:9/experiment-configs".to_owned(),
        environments: environments.iter().map(|&name| name.to_owned()).collect(),
        default_environment: None,
        poll_interval: Duration::from_mins(1),
        fetch_timeout: Duration::from_millis(100),
        cors_origins: Vec::new(),
        rate_limit: None,
        trusted_proxy_hops: 0,
        require_key: false,
        publishable_keys: Vec::new(),
        secret_keys: Vec::new(),
        explain_token: None,
        sticky_keys: StickyKeys::default(),
    };
    let decide = Some(DecideRole::start(settings).await.unwrap());
    control_router(AppState { decide, ..server.state.clone() })
}

async fn send(router: &Router, method: Method, path: &str, body: String) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {TOKEN}"))
        .header("content-type", "application/json");
    ask(router, request.body(Body::from(body)).unwrap()).await
}

#[sqlx::test(migrations = "../migrations")]
async fn unknown_paths_are_problems_whatever_the_method(pool: PgPool) {
    let router = both(&Server::new(pool), &[]).await;
    for path in ["/api", "/api/", "/api/nothing", "/api/v1/nothing", "/api/environments/a/b/c", "/nothing"] {
        for method in [Method::GET, Method::POST, Method::DELETE, Method::PATCH] {
            let answer = send(&router, method.clone(), path, String::new()).await;
            assert_eq!(answer.code(404), "not_found", "{method} {path}");
        }
    }
    for path in ["/api/environments", "/api/decide", "/health"] {
        let answer = send(&router, Method::DELETE, path, String::new()).await;
        assert_eq!(answer.code(405), "method_not_allowed", "{path}");
        assert!(answer.headers.contains_key("allow"), "{path}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn head_answers_what_get_would_without_the_body(pool: PgPool) {
    let server = Server::new(pool);
    let router = both(&server, &[]).await;
    server.post("/api/environments", &json!({"name": "prod"})).await.expect(201);
    for path in [
        "/api/environments",
        "/api/environments/prod",
        "/api/experiments",
        "/api/openapi.json",
        "/api/nothing",
        "/api/decide",
        "/health",
        "/ready",
    ] {
        let got = send(&router, Method::GET, path, String::new()).await;
        let head = send(&router, Method::HEAD, path, String::new()).await;
        assert_eq!(head.status, got.status, "{path}");
        assert_eq!(head.headers["content-type"], got.headers["content-type"], "{path}");
        assert_eq!(head.headers.get("etag"), got.headers.get("etag"), "{path}");
        assert_eq!(head.text, "", "{path}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_body_over_the_limit_is_413(pool: PgPool) {
    let router = both(&Server::new(pool), &[]).await;
    let large = json!({"user_key": "u", "env": "prod", "context": {"a": "x".repeat(1 << 20)}}).to_string();
    for path in ["/api/environments", "/api/v1/experiments", "/api/decide", "/decide", "/events"] {
        let answer = send(&router, Method::POST, path, large.clone()).await;
        assert_eq!(answer.code(413), "body_too_large", "{path}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn events_are_taken_in_larger_bodies_than_decisions(pool: PgPool) {
    let server = Server::new(pool);
    let router = both(&server, &[]).await;
    server.post("/api/environments", &json!({"name": "prod"})).await.expect(201);
    // More than other routes read.
    let note = "x".repeat(1 << 10);
    let event = json!({"id": uuid::Uuid::now_v7(), "type": "track", "environment": "prod", "user_key": "u", "event_name": "buy", "properties": {"note": note}});
    let batch = json!({"events": vec![event; 500]}).to_string();
    for path in ["/events", "/api/events", "/api/v1/events"] {
        let answer = send(&router, Method::POST, path, batch.clone()).await;
        assert_eq!(answer.expect(202)["accepted"], 500, "{path}");
        assert_eq!(send(&router, Method::GET, path, String::new()).await.code(405), "method_not_allowed");
        assert_eq!(send(&router, Method::OPTIONS, path, String::new()).await.status, 204);
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn what_keeps_it_from_being_ready_is_named(pool: PgPool) {
    let server = Server::new(pool.clone());
    let detail = async |router: &Router| {
        let answer = send(router, Method::GET, "/ready", String::new()).await;
        assert_eq!(answer.code(503), "not_ready");
        assert_eq!(answer.headers["retry-after"], "1");
        answer.expect(503)["detail"].as_str().unwrap().to_owned()
    };
    let router = both(&server, &["prod"]).await;
    assert_eq!(detail(&router).await, "The store has not said yet what is published.");
    pool.close().await;
    let said = detail(&router).await;
    assert!(said.contains("database") && said.contains("store"), "{said}");
}

#[sqlx::test(migrations = "../migrations")]
async fn keys_of_environments_open_decide(pool: PgPool) {
    let server = Server::new(pool);
    for name in ["prod", "staging"] {
        server.post("/api/environments", &json!({ "name": name })).await.expect(201);
    }
    let router = both(&server, &[]).await;
    let post = async |path: &str, body: serde_json::Value| {
        send(&router, Method::POST, path, body.to_string()).await.expect(201)
    };
    let made = post("/api/environments/prod/keys", json!({"kind": "secret"})).await;
    let ask = async |key: &str, path: &str| {
        let request = Request::get(path).header("x-api-key", key);
        ask(&router, request.body(Body::empty()).unwrap()).await
    };
    let key = made["key"].as_str().unwrap();
    let [prod, staging] =
        ["prod", "staging"].map(|env| format!("/api/decide?user_key=u&env={env}&explain=true"));
    assert_eq!(ask("sk_nobody", &prod).await.code(403), "explain_not_allowed");
    assert_eq!(ask(key, &prod).await.code(503), "config_unavailable", "let in; the store is away");
    assert_eq!(ask(key, &staging).await.code(403), "wrong_environment");

    let id = made["id"].as_str().unwrap();
    let path = format!("/api/environments/prod/keys/{id}");
    assert_eq!(send(&router, Method::DELETE, &path, String::new()).await.status, 204);
    assert_eq!(ask(key, &prod).await.code(403), "explain_not_allowed", "nobody any more");
    let keys = send(&router, Method::GET, "/api/environments/prod/keys", String::new()).await.expect(200);
    assert!(keys["items"][0]["lastUsedAt"].is_string(), "written with the look that followed");
}
