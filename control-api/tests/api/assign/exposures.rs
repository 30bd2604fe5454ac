//! What is recorded.

use axum::http::Method;
use serde_json::json;
use sqlx::PgPool;

use crate::support::Server;

type Row = (String, Option<String>, bool, bool, i16, Option<String>, Option<String>, Vec<u8>);

async fn exposures(pool: &PgPool) -> Vec<Row> {
    let sql = "select reason, request_id, counts, is_override, source, context::text, sticky::text, user_key \
               from exposures order by batch";
    sqlx::query_as(sql).fetch_all(pool).await.unwrap()
}

#[sqlx::test(migrations = "../migrations")]
async fn each_call_is_one_exposure_and_one_that_is_sent_again_none(pool: PgPool) {
    let server = Server::new(pool.clone());
    let id = server.running("a").await;
    let path = format!("/api/experiments/{id}/assign");
    let body = Some(json!({"user_key": "a\0b", "context": {"secret": 1}}).to_string());
    for request in ["r1", "r2", "r2", "r1"] {
        server.send(Method::POST, &path, body.clone(), &[("x-request-id", request)]).await.expect(200);
    }
    let rows = exposures(&pool).await;
    assert_eq!(rows.len(), 2);
    let (reason, request, counts, is_override, source, context, sticky, user) = &rows[0];
    assert_eq!((reason.as_str(), request.as_deref()), ("SPLIT", Some("r1")));
    assert_eq!((counts, is_override, source, context, sticky), (&true, &false, &3, &None, &None));
    assert_eq!(user, b"a\0b");
    assert_eq!((rows[1].0.as_str(), rows[1].1.as_deref()), ("STICKY", Some("r2")));
    assert!(rows[1].6.as_deref().is_some_and(|sticky| sticky.starts_with(r#"{"a":"#)));
    server.assign(&id, "user-1").await;
    server.assign(&id, "user-1").await;
    assert_eq!(exposures(&pool).await.len(), 4, "without an id each call is its own");
}

#[sqlx::test(migrations = "../migrations")]
async fn who_is_not_in_and_what_is_over_leaves_none(pool: PgPool) {
    let server = Server::new(pool.clone());
    let id = server.running("a").await;
    let none = json!({"allocations": [{"variant": "control", "rangeStart": 0, "rangeEnd": 0}]});
    server.put(&format!("/api/experiments/{id}/allocations"), &none).await.expect(200);
    assert_eq!(server.assign(&id, "user-1").await["reason"], "NOT_IN_TRAFFIC");
    server.post(&format!("/api/experiments/{id}/conclude"), &json!({"winner": "control"})).await.expect(200);
    assert_eq!(server.assign(&id, "user-1").await["reason"], "CONCLUDED");
    assert!(exposures(&pool).await.is_empty());
}

#[sqlx::test(migrations = "../migrations")]
async fn a_batch_leaves_one_for_each_user(pool: PgPool) {
    let server = Server::new(pool.clone());
    let id = server.running("a").await;
    let users: Vec<_> = (0..50).map(|it| json!({"user_key": format!("user-{it}")})).collect();
    let path = format!("/api/experiments/{id}/assign/bulk");
    server.post(&path, &json!({"users": users})).await.expect(200);
    assert_eq!(exposures(&pool).await.len(), 50);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_variant_that_only_a_rule_has_given_stays_too(pool: PgPool) {
    let server = Server::new(pool);
    let id = server.running("a").await;
    let path = format!("/api/experiments/{id}");
    let rules = json!({"rules": [{"variant": "treatment", "conditions": []}]});
    server.patch(&path, &rules).await.expect(200);
    assert_eq!(server.assign(&id, "user-1").await["reason"], "RULE");
    server.patch(&path, &json!({"rules": []})).await.expect(200);
    server.give_all(&id, "control").await;
    let refused = server.delete(&format!("{path}/variants/treatment")).await;
    assert_eq!(refused.code(409), "variant_in_use");
}
