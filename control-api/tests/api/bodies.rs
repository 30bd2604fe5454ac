//! Every fault of a body at once.

use axum::http::Method;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{Answer, Server};

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
}

async fn post(server: &Server, body: &str) -> Answer {
    server.send(Method::POST, "/api/experiments", Some(body.to_owned()), &[]).await
}

#[sqlx::test(migrations = "../migrations")]
async fn all_faults_come_at_once(pool: PgPool) {
    let server = Server::new(pool);
    let body = json!({
        "key": "not a key", "nmae": "typo", "bucketBy": "a", "bucket_by": "b", "sticky": "yes",
        "trafficAllocation": 0.12345, "significanceLevel": 1, "groupKey": "none",
        "targetSampleSize": 0, "metrics": ["m", 5, "m"], "hash": "md5",
        "variants": [
            {"key": "v", "weight": 1, "colour": "x"},
            {"key": "w", "weight": -1},
            7,
        ],
        "targetingRules": [
            {"conditions": [{"attribute": 5, "operator": "eq", "value": 1}, {"operator": 6}]},
            {"conditions": [{"attribute": "a", "operator": "almost", "value": 1, "ignore": 1}]},
            {"conditions": [{"attribute": "a", "operator": "in", "value": 1}]},
        ],
    });
    let mut faults = server.post("/api/experiments", &body).await.faults(422);
    faults.sort();
    let mut expected = pairs(&[
        ("/key", "invalid_key"),
        ("/nmae", "unknown_field"),
        ("/bucket_by", "duplicate_field"),
        ("/sticky", "wrong_type"),
        ("/trafficAllocation", "too_precise"),
        ("/significanceLevel", "out_of_range"),
        ("/groupKey", "unknown_group"),
        ("/targetSampleSize", "out_of_range"),
        ("/metrics/1", "wrong_type"),
        ("/metrics/2", "duplicate"),
        ("/hash", "unknown_hash"),
        ("/variants/0/colour", "unknown_field"),
        ("/variants/1/weight", "out_of_range"),
        ("/variants/2", "wrong_type"),
        ("/targetingRules/0/conditions/0/attribute", "wrong_type"),
        ("/targetingRules/0/conditions/1/operator", "wrong_type"),
        ("/targetingRules/1/conditions/0/ignore", "unknown_field"),
    ]);
    expected.sort();
    let structural: Vec<_> = faults.iter().filter(|it| expected.contains(it)).cloned().collect();
    assert_eq!(structural, expected, "{faults:?}");
    let semantic: Vec<_> = faults.iter().filter(|it| !expected.contains(it)).collect();
    assert_eq!(semantic.len(), 1, "{semantic:?}");
    assert_eq!(semantic[0].0, "/targetingRules/2/conditions/0/value");
    assert_eq!(server.get("/api/environments").await.expect(200), json!({"items": []}));
}

#[sqlx::test(migrations = "../migrations")]
async fn json_that_readers_disagree_about_is_refused(pool: PgPool) {
    let server = Server::new(pool);
    let faults = async |body: &str| post(&server, body).await.faults(422);
    assert_eq!(faults(r#"{"key": "a", "key": "b"}"#).await, pairs(&[("/key", "duplicate_key")]));
    assert_eq!(
        faults(r#"{"key": "a", "variants": [{"key": "v", "payload": {"x": {"y": 1, "y": 2}}}]}"#).await,
        pairs(&[("/variants/0/payload/x/y", "duplicate_key")])
    );
    assert_eq!(
        faults(r#"{"key": "a", "variants": [{"key": "v", "payload": ["\ud800", 1e999]}]}"#).await,
        pairs(&[("/variants/0/payload/0", "lone_surrogate"), ("/variants/0/payload/1", "number_too_large")])
    );
    assert_eq!(faults(r#"{"name": "\u0000"}"#).await, pairs(&[("/name", "invalid_text")]));
    assert_eq!(faults("[]").await, pairs(&[("", "wrong_type")]));
    assert_eq!(faults("{}").await, pairs(&[("/key", "required")]));
    let deep = format!(r#"{{"key": "a", "variants": {}{}}}"#, "[".repeat(500), "]".repeat(500));
    assert!(post(&server, &deep).await.faults(422).iter().any(|(_, code)| code == "too_deep"));
}

#[sqlx::test(migrations = "../migrations")]
async fn malformed_and_large_bodies_have_their_statuses(pool: PgPool) {
    let server = Server::new(pool);
    for malformed in ["{", "{]", "nul", "{\"a\": 01}", "{} {}", "\u{feff}{}"] {
        assert_eq!(post(&server, malformed).await.code(400), "malformed_json", "{malformed}");
    }
    let large = format!(r#"{{"key": "a", "description": "{}"}}"#, "x".repeat(1 << 20));
    assert_eq!(post(&server, &large).await.code(413), "body_too_large");
    for (field, length) in [("name", 257), ("description", (16 << 10) + 1), ("hypothesis", (16 << 10) + 1)] {
        let mut body = json!({"key": "a"});
        body[field] = json!("x".repeat(length));
        let answer = server.post("/api/experiments", &body).await;
        assert_eq!(answer.faults(400), pairs(&[(&format!("/{field}"), "field_too_large")]));
    }
    let payload = json!("x".repeat(256 << 10));
    let body = json!({"key": "a", "variants": [{"key": "v", "payload": payload}]});
    let answer = server.post("/api/experiments", &body).await;
    assert_eq!(answer.faults(400), pairs(&[("/variants/0/payload", "field_too_large")]));
    let text = [("content-type", "text/plain")];
    let request = axum::http::Request::post("/api/experiments")
        .header("authorization", format!("Bearer {}", crate::support::TOKEN))
        .header(text[0].0, text[0].1)
        .body("{}".into())
        .unwrap();
    let answer = crate::support::ask(&server.router, request).await;
    assert_eq!(answer.code(415), "unsupported_media_type");
    let request = axum::http::Request::post("/api/experiments")
        .header("authorization", format!("Bearer {}", crate::support::TOKEN))
        .body(r#"{"key": "untyped"}"#.into())
        .unwrap();
    crate::support::ask(&server.router, request).await.expect(201);
}

#[sqlx::test(migrations = "../migrations")]
async fn shares_are_all_of_one_kind_and_add_up(pool: PgPool) {
    let server = Server::new(pool);
    let faults = async |variants: serde_json::Value| {
        let body = json!({"key": "a", "variants": variants});
        server.post("/api/experiments", &body).await.faults(422)
    };
    assert_eq!(
        faults(json!([{"key": "a", "allocation": 0.5}, {"key": "b", "allocation": 0.4}])).await,
        pairs(&[("/variants", "allocation_sum")])
    );
    assert_eq!(
        faults(json!([{"key": "a", "weight": 1}, {"key": "b"}])).await,
        pairs(&[("/variants/1/weight", "required")])
    );
    assert_eq!(
        faults(json!([{"key": "a", "weight": 1}, {"key": "b", "allocation": 1}])).await,
        pairs(&[("/variants", "mixed_shares")])
    );
    assert_eq!(faults(json!([{"key": "a", "weight": 0}])).await, pairs(&[("/variants", "all_zero")]));
    assert_eq!(
        faults(json!([{"key": "a", "weight": 1_000_000}, {"key": "b", "weight": 1}])).await,
        pairs(&[("/variants/1/weight", "owns_no_bucket")])
    );
}
