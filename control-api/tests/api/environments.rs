//! Environments.

use axum::http::Method;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{Server, redact};

#[sqlx::test(migrations = "../migrations")]
async fn environments_are_made_read_and_listed(pool: PgPool) {
    let server = Server::new(pool);
    let made = server.post("/api/environments", &json!({"name": "prod"})).await;
    let prod = made.expect(201);
    let id = prod["id"].as_str().unwrap();
    assert_eq!(made.headers["location"], format!("/api/environments/{id}"));
    assert_eq!(made.headers["etag"], "\"1\"");
    assert_eq!(
        redact(prod.clone()),
        json!({
            "id": "[id]", "name": "prod", "clientSideDefault": false, "version": 1,
            "createdAt": "[createdAt]", "updatedAt": "[updatedAt]", "rolledBackTo": null,
        })
    );
    let body = json!({"name": "dev", "client_side_default": true});
    let dev = server.post("/api/v1/environments", &body).await.expect(201);
    assert_eq!(dev["clientSideDefault"], true);

    assert_eq!(server.get(&format!("/api/environments/{id}")).await.expect(200), prod);
    assert_eq!(server.get("/api/environments/prod").await.expect(200), prod);
    assert_eq!(server.get("/api/environments").await.expect(200), json!({"items": [dev, prod]}));
}

#[sqlx::test(migrations = "../migrations")]
async fn names_have_a_form_and_are_unique(pool: PgPool) {
    let server = Server::new(pool);
    let name = |name: &str| json!({ "name": name });
    let fault = |code: &str| vec![("/name".to_owned(), code.to_owned())];
    for bad in ["", "Prod", "a_b", "-a", "ä", "a/b"] {
        let answer = server.post("/api/environments", &name(bad)).await;
        assert_eq!(answer.faults(422), fault("invalid_name"), "{bad}");
    }
    for word in ["admin", "api", "client", "decide", "docs", "events", "explain", "health", "ofrep", "ready"]
    {
        let answer = server.post("/api/environments", &name(word)).await;
        assert_eq!(answer.faults(422), fault("reserved_name"), "{word}");
    }
    let answer = server.post("/api/environments", &name(&"a".repeat(257))).await;
    assert_eq!(answer.faults(400), fault("field_too_large"));
    assert_eq!(server.post("/api/environments", &json!({})).await.faults(422), fault("required"));
    server.post("/api/environments", &name("prod")).await.expect(201);
    assert_eq!(server.post("/api/environments", &name("prod")).await.code(409), "duplicate_name");
}

#[sqlx::test(migrations = "../migrations")]
async fn an_environment_changes_all_but_its_name(pool: PgPool) {
    let server = Server::new(pool);
    server.post("/api/environments", &json!({"name": "prod"})).await.expect(201);
    let path = "/api/environments/prod";
    let patch = async |expected: &str, body: serde_json::Value| {
        server.send(Method::PATCH, path, Some(body.to_string()), &[("if-match", expected)]).await
    };
    let changed = patch("\"1\"", json!({"clientSideDefault": true})).await;
    assert_eq!(changed.headers["etag"], "\"2\"");
    assert_eq!(changed.expect(200)["clientSideDefault"], true);
    assert_eq!(patch("\"1\"", json!({"clientSideDefault": false})).await.code(412), "stale_version");
    for garbage in ["W/\"2\"", "\"two\"", "2, 3"] {
        assert_eq!(patch(garbage, json!({})).await.code(400), "invalid_if_match", "{garbage}");
    }
    let faults = patch("*", json!({"name": "other", "client_side_default": 1})).await.faults(422);
    let pair = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
    assert_eq!(faults, [pair("/client_side_default", "wrong_type"), pair("/name", "unknown_field")]);
    let made = server.post("/api/experiments", &json!({"key": "e"})).await.expect(201);
    assert_eq!(
        (&made["clientSide"], &server.get(path).await.expect(200)["version"]),
        (&json!(true), &json!(2))
    );
    let history = server.get("/api/audit?resource=environment&action=update").await.expect(200);
    let entry = &history["items"][0];
    assert_eq!(
        (&entry["before"]["clientSideDefault"], &entry["after"]["clientSideDefault"]),
        (&json!(false), &json!(true))
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn what_does_not_exist_is_404(pool: PgPool) {
    let server = Server::new(pool);
    for path in ["prod", "A%00", "0198c0de-0000-7000-8000-0000000000aa", "%F0%9F"] {
        assert_eq!(server.get(&format!("/api/environments/{path}")).await.code(404), "not_found");
    }
    for path in ["/api", "/api/", "/api/nothing", "/nothing", "/api/v1/nothing", "/api/environments/"] {
        assert_eq!(server.get(path).await.code(404), "not_found", "{path}");
    }
    let answer = server.delete("/api/environments").await;
    assert_eq!(answer.code(405), "method_not_allowed");
    assert!(answer.headers["allow"].to_str().unwrap().contains("POST"));
}
