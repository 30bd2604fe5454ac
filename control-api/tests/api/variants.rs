//! Variants.

use axum::http::Method;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{Server, redact};

#[sqlx::test(migrations = "../migrations")]
async fn variants_are_added_changed_and_removed(pool: PgPool) {
    let server = Server::new(pool);
    server.post("/api/experiments", &json!({"key": "a"})).await.expect(201);
    let path = "/api/experiments/default:a";
    let variants = format!("{path}/variants");
    let body = json!({"key": "on", "name": "On", "payload": {"x": 1}});
    let added = server.post(&variants, &body).await.expect(201);
    assert_eq!(
        redact(added),
        json!({
            "id": "[id]", "key": "on", "name": "On", "payload": {"x": 1}, "version": 1,
            "createdAt": "[createdAt]", "updatedAt": "[updatedAt]",
        })
    );
    assert_eq!(server.post(&variants, &body).await.code(409), "duplicate_key");

    let on = format!("{variants}/on");
    let changed = server.patch(&on, &json!({"payload": null})).await.expect(200);
    assert_eq!(
        (&changed["payload"], &changed["version"], &changed["name"]),
        (&json!(null), &json!(2), &json!("On"))
    );
    let body = Some(json!({"name": "x"}).to_string());
    let stale = server.send(Method::PATCH, &on, body, &[("if-match", "\"1\"")]).await;
    assert_eq!(stale.code(412), "stale_version");
    assert_eq!(server.get(path).await.expect(200)["version"], 3);

    assert_eq!(server.patch(&format!("{variants}/off"), &json!({})).await.code(404), "not_found");
    server.delete(&on).await.expect(204);
    assert_eq!(server.get(path).await.expect(200)["variants"], json!([]));
}

#[sqlx::test(migrations = "../migrations")]
async fn a_variant_in_use_stays(pool: PgPool) {
    let server = Server::new(pool);
    let id = server.running("a").await;
    let path = format!("/api/experiments/{id}");
    let control = format!("{path}/variants/control");
    assert_eq!(server.delete(&control).await.code(409), "variant_in_use");
    let all = json!({"allocations": [{"variant": "treatment", "rangeStart": 0, "rangeEnd": 9999}]});
    server.put(&format!("{path}/allocations"), &all).await.expect(200);
    let rules = json!({"rules": [{"conditions": [], "variant": "control"}]});
    server.patch(&path, &rules).await.expect(200);
    assert_eq!(server.delete(&control).await.code(409), "variant_in_use");
    server.patch(&path, &json!({"rules": []})).await.expect(200);
    server.post(&format!("{path}/conclude"), &json!({"winner": "control"})).await.expect(200);
    assert_eq!(server.delete(&control).await.code(409), "variant_in_use");
    server.post(&format!("{path}/conclude"), &json!({"winner": "treatment"})).await.expect(200);
    server.delete(&control).await.expect(204);
}
