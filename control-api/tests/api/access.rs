//! Tokens, anonymous access, request ids.

use axum::body::Body;
use axum::http::Request;
use axum::http::request::Builder;
use sqlx::PgPool;

use crate::support::{Answer, Server, TOKEN, ask};

#[sqlx::test(migrations = "../migrations")]
async fn a_token_is_needed(pool: PgPool) {
    let server = Server::new(pool);
    let get = async |value: Option<&str>| -> Answer {
        let mut request = Request::get("/api/environments");
        if let Some(value) = value {
            request = request.header("authorization", value);
        }
        ask(&server.router, request.body(Body::empty()).unwrap()).await
    };
    for wrong in [None, Some("Bearer"), Some("Bearer x"), Some("Basic eDp5"), Some(TOKEN)] {
        let answer = get(wrong).await;
        assert_eq!(answer.code(401), "unauthorized", "{wrong:?}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer realm=\"lotwise\"");
        assert!(!answer.text.contains(TOKEN));
    }
    get(Some(&format!("bearer {TOKEN}"))).await.expect(200);
}

#[sqlx::test(migrations = "../migrations")]
async fn anonymous_access_is_for_this_machine_only(pool: PgPool) {
    let router = Server::new(pool).anonymous();
    let send = async |request: Builder, body: &'static str| {
        ask(&router, request.body(Body::from(body)).unwrap()).await
    };
    let get = || Request::get("/api/environments");
    let post = || Request::post("/api/environments").header("host", "localhost:3000");
    let json = "application/json";
    let body = r#"{"name": "prod"}"#;

    send(get().header("host", "localhost:3000"), "").await.expect(200);
    send(get().header("host", "127.0.0.1"), "").await.expect(200);
    send(get().header("host", "[::1]:3000").header("origin", "http://localhost:5173"), "").await.expect(200);
    for host in ["evil.example", "localhost.evil.example", "192.168.0.1:3000", "127.0.0.1.nip.io"] {
        assert_eq!(send(get().header("host", host), "").await.code(403), "foreign_host", "{host}");
    }
    assert_eq!(send(get(), "").await.code(403), "foreign_host");
    for origin in ["https://evil.example", "null", "http://localhost.evil.example", "file://"] {
        let request = post().header("origin", origin).header("content-type", json);
        assert_eq!(send(request, body).await.code(403), "foreign_origin", "{origin}");
    }
    let request = post().header("sec-fetch-site", "cross-site").header("content-type", json);
    assert_eq!(send(request, body).await.code(403), "foreign_origin");
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
        let answer = send(post().header("content-type", content_type), body).await;
        assert_eq!(answer.code(415), "unsupported_media_type", "{content_type}");
    }
    assert_eq!(send(post(), body).await.code(415), "unsupported_media_type");
    send(post().header("content-type", "application/json; charset=utf-8"), body).await.expect(201);
}

#[sqlx::test(migrations = "../migrations")]
async fn request_ids_are_taken_or_made(pool: PgPool) {
    let server = Server::new(pool);
    let answer = server.send(axum::http::Method::GET, "/nothing", None, &[("x-request-id", "abc-1")]).await;
    assert_eq!(answer.headers["x-request-id"], "abc-1");
    assert_eq!(answer.expect(404)["instance"], "abc-1");
    assert_eq!(
        answer.expect(404),
        serde_json::json!({
            "type": "urn:lotwise:problem:not_found", "title": "Not Found", "status": 404,
            "detail": "There is no such route.", "instance": "abc-1", "code": "not_found",
        })
    );
    let made = server.get("/nothing").await;
    assert!(made.headers["x-request-id"].to_str().unwrap().parse::<uuid::Uuid>().is_ok());
}

#[sqlx::test(migrations = "../migrations")]
async fn a_database_that_is_away_is_503(pool: PgPool) {
    let server = Server::new(pool.clone());
    pool.close().await;
    let answer = server.get("/api/environments").await;
    assert_eq!(answer.code(503), "database_unavailable");
    assert_eq!(answer.headers["retry-after"], "1");
    let ready = server.get("/ready").await;
    assert_eq!(ready.code(503), "not_ready");
    assert_eq!(ready.expect(503)["detail"], "The database does not answer.");
    let health = server.get("/health").await.expect(200);
    assert_eq!(
        health,
        serde_json::json!({
            "status": "degraded", "database": {"status": "unavailable"}, "store": {"status": "unavailable"},
        })
    );
}
