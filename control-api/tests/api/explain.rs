//! Explaining decisions at any version.

use axum::http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::Server;

const EXPLAIN: &str = "/api/explain";

async fn two_versions(server: &Server) {
    let id = server.running("a").await;
    server.publish_knowingly().await;
    let rules = json!([{"conditions": [
        {"attribute": "country", "operator": "in", "value": ["US", "CA"]},
        {"attribute": "plan", "operator": "eq", "value": "pro"},
    ]}]);
    server.patch(&format!("/api/experiments/{id}"), &json!({"targetingRules": rules})).await.expect(200);
    server.running("b").await;
    server.publish_knowingly().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn every_condition_and_bucket_is_told_at_any_version(pool: PgPool) {
    let server = Server::with_store(pool).await;
    two_versions(&server).await;
    let body = json!({"environment": "prod", "user_key": "user-123", "context": {"country": "US"}});
    let now = server.post(EXPLAIN, &body).await.expect(200);
    let version = server.get("/api/environments/prod/versions/2").await.expect(200);
    assert_eq!((&now["config_version"], &now["snapshot_sha256"]), (&json!(2), &version["sha256"]));
    let decision = &now["decisions"][0];
    assert_eq!((&decision["experiment_key"], &decision["variant_key"]), (&json!("a"), &Value::Null));
    assert_eq!(decision["reason"], "TARGETING_MISMATCH");
    assert!(decision["bucket"].is_u64());
    let conditions = decision["targeting_rules"][0]["conditions"].as_array().unwrap();
    let told: Vec<_> = conditions.iter().map(|it| (it["actual"].clone(), it["outcome"].clone())).collect();
    assert_eq!(told, [(json!("US"), json!(true)), (Value::Null, json!(false))]);

    let mut then = body.clone();
    then["version"] = json!(1);
    let then = server.post(EXPLAIN, &then).await.expect(200);
    assert_eq!((&then["config_version"], then["decisions"].as_array().unwrap().len()), (&json!(1), 1));
    assert_eq!(
        (&then["decisions"][0]["reason"], &then["decisions"][0]["bucket"]),
        (&json!("SPLIT"), &decision["bucket"])
    );
    let first = server.get("/api/environments/prod/versions/1").await.expect(200);
    let mut by_digest = body.clone();
    by_digest["snapshot_sha256"] = first["sha256"].clone();
    by_digest["sticky"] = json!({"a": "control"});
    let then = server.post(EXPLAIN, &by_digest).await.expect(200);
    assert_eq!((&then["config_version"], &then["decisions"][0]["reason"]), (&json!(1), &json!("STICKY")));
    let mut some = body.clone();
    some["experiments"] = json!(["b", "nobody"]);
    let some = server.post(EXPLAIN, &some).await.expect(200);
    assert_eq!(some["decisions"].as_array().unwrap().len(), 1);
}

#[sqlx::test(migrations = "../migrations")]
async fn what_cannot_be_explained_is_said(pool: PgPool) {
    let server = Server::with_store(pool).await;
    server.running("a").await;
    let body = json!({"environment": "prod", "user_key": "u"});
    assert_eq!(server.post(EXPLAIN, &body).await.code(409), "nothing_published");
    let faults = async |body: Value| server.post(EXPLAIN, &body).await.faults(422);
    let fault = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
    assert_eq!(faults(json!({})).await, [fault("/environment", "required"), fault("/user_key", "required")]);
    assert_eq!(
        faults(json!({"environment": "A b", "version": 0, "snapshot_sha256": "x", "user_key": "", "context": 1, "x": 1})).await,
        [
            fault("/environment", "unknown_environment"),
            fault("/snapshot_sha256", "duplicate_field"),
            fault("/user_key", "empty"),
            fault("/context", "wrong_type"),
            fault("/x", "unknown_field"),
        ]
    );
    let nowhere = json!({"environment": "nowhere", "user_key": "u"});
    assert_eq!(faults(nowhere).await, [fault("/environment", "unknown_environment")]);
    let digest = json!({"environment": "prod", "user_key": "u", "snapshot_sha256": "zz"});
    assert_eq!(faults(digest).await, [fault("/snapshot_sha256", "invalid_digest")]);
    let version = json!({"environment": "prod", "user_key": "u", "version": 7});
    assert_eq!(server.post(EXPLAIN, &version).await.code(404), "not_found");
}

#[sqlx::test(migrations = "../migrations")]
async fn servers_explain_in_their_own_environment_only(pool: PgPool) {
    let server = Server::with_store(pool).await;
    two_versions(&server).await;
    server.post("/api/environments", &json!({"name": "staging"})).await.expect(201);
    let body = json!({"environment": "prod", "user_key": "user-123"}).to_string();
    for (environment, kind, status) in
        [("prod", "secret", 200), ("prod", "publishable", 403), ("staging", "secret", 403)]
    {
        let path = format!("/api/environments/{environment}/keys");
        let key = server.post(&path, &json!({ "kind": kind })).await.expect(201);
        let authorization = format!("Bearer {}", key["key"].as_str().unwrap());
        let headers = [("authorization", authorization.as_str())];
        let answer = server.ask_as(Method::POST, EXPLAIN, body.clone(), &headers).await;
        assert_eq!(answer.status, status, "{environment} {kind}: {}", answer.text);
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn what_lies_outside_a_token_is_as_if_it_were_not_there(pool: PgPool) {
    let server = Server::with_store(pool).await;
    two_versions(&server).await;
    server.post("/api/environments", &json!({"name": "staging"})).await.expect(201);
    let token = json!({"name": "t", "role": "viewer", "environments": ["staging"]});
    let token = server.post("/api/tokens", &token).await.expect(201);
    let authorization = format!("Bearer {}", token["token"].as_str().unwrap());
    let headers = [("authorization", authorization.as_str())];
    let mut told = Vec::new();
    for environment in ["prod", "nowhere"] {
        let body = json!({"environment": environment, "user_key": "user-123"}).to_string();
        told.push(server.ask_as(Method::POST, EXPLAIN, body, &headers).await.faults(422));
    }
    assert_eq!(told[0], told[1]);
}
