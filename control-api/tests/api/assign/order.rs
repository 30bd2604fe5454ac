//! What is answered, in the order in which decisions are made.

use serde_json::json;
use sqlx::PgPool;

use crate::support::{Server, halves};

#[sqlx::test(migrations = "../migrations")]
async fn the_split_gives_a_variant_with_its_payload_byte_for_byte(pool: PgPool) {
    let server = Server::new(pool);
    server.post("/api/environments", &json!({"name": "prod"})).await.expect(201);
    let payload = r#"{"b":1.50,"a":[1e2, "\u00e9"],"b2":9007199254740993}"#;
    let body = format!(
        r#"{{"key": "a", "environment": "prod", "variants": [{{"key": "on", "payload": {payload}, "weight": 1}}]}}"#
    );
    let made = server.send(axum::http::Method::POST, "/api/experiments", Some(body), &[]).await.expect(201);
    server.post("/api/experiments/prod:a/start", &json!({})).await.expect(200);
    let answer = server.try_assign("prod:a", &json!({"user_id": "user-1"})).await;
    let first = answer.expect(200);
    assert_eq!(first["variant"], "on");
    assert_eq!(first["variantId"], made["variants"][0]["id"]);
    assert_eq!((&first["reason"], &first["isOverride"]), (&json!("SPLIT"), &json!(false)));
    assert!(answer.text.contains(&format!(r#""payload":{payload}"#)), "{}", answer.text);
    assert_eq!(first.as_object().unwrap().len(), 5);
    assert_eq!(server.assign("prod:a", "user-1").await["reason"], "STICKY");
}

#[sqlx::test(migrations = "../migrations")]
async fn who_is_not_in_gets_the_reason(pool: PgPool) {
    let server = Server::new(pool);
    let id = server.running("a").await;
    let path = format!("/api/experiments/{id}");
    let none = json!({"allocations": [{"variant": "control", "rangeStart": 0, "rangeEnd": 0}]});
    server.put(&format!("{path}/allocations"), &none).await.expect(200);
    let out = json!({
        "variant": null, "variantId": null, "payload": null, "reason": "NOT_IN_TRAFFIC", "isOverride": false
    });
    assert_eq!(server.assign(&id, "user-1").await, out);
    let rules = json!({"targetingRules": [{"conditions": [
        {"attribute": "plan", "operator": "eq", "value": "pro"},
    ]}]});
    server.patch(&path, &rules).await.expect(200);
    assert_eq!(server.assign(&id, "user-1").await["reason"], "TARGETING_MISMATCH");
    server.give_all(&id, "control").await;
    let body = json!({"user_key": "user-1", "context": {"plan": "pro"}});
    assert_eq!(server.try_assign(&id, &body).await.expect(200)["reason"], "SPLIT");
    let again = server.assign(&id, "user-1").await;
    assert_eq!(again["reason"], "STICKY", "targeting is not asked again");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_rule_gives_a_variant_that_is_not_kept(pool: PgPool) {
    let server = Server::new(pool);
    let id = server.running("a").await;
    let path = format!("/api/experiments/{id}");
    server.give_all(&id, "control").await;
    let rules = json!({"rules": [{"variant": "treatment", "conditions": [
        {"attribute": "staff", "operator": "eq", "value": true},
    ]}]});
    server.patch(&path, &rules).await.expect(200);
    let staff = json!({"user_key": "user-1", "context": {"staff": true}});
    for _ in 0..2 {
        let given = server.try_assign(&id, &staff).await.expect(200);
        assert_eq!((&given["variant"], &given["reason"]), (&json!("treatment"), &json!("RULE")));
    }
    let given = server.assign(&id, "user-1").await;
    assert_eq!((&given["variant"], &given["reason"]), (&json!("control"), &json!("SPLIT")));
    let given = server.try_assign(&id, &staff).await.expect(200);
    assert_eq!(given["reason"], "RULE", "rules come before what was given");
}

#[sqlx::test(migrations = "../migrations")]
async fn an_experiment_that_gives_nothing_is_a_conflict(pool: PgPool) {
    let server = Server::new(pool);
    let id = server.running("a").await;
    let path = format!("/api/experiments/{id}");
    assert_eq!(server.assign(&id, "user-1").await["reason"], "SPLIT");
    let body = json!({"user_key": "user-1"});

    server.post(&format!("{path}/pause"), &json!({})).await.expect(200);
    assert_eq!(server.try_assign(&id, &body).await.code(409), "not_running");
    server.post(&format!("{path}/start"), &json!({})).await.expect(200);
    assert_eq!(server.assign(&id, "user-1").await["reason"], "STICKY", "who was in still is");
    server.post(&format!("{path}/archive"), &json!({})).await.expect(200);
    assert_eq!(server.try_assign(&id, &body).await.code(409), "archived");
    server.delete(&path).await.expect(204);
    assert_eq!(server.try_assign(&id, &body).await.code(404), "not_found");

    let draft = json!({"key": "b", "environment": "prod", "variants": halves()});
    server.post("/api/experiments", &draft).await.expect(201);
    assert_eq!(server.try_assign("prod:b", &body).await.code(409), "not_running");
    assert_eq!(server.try_assign("prod:nothing", &body).await.code(404), "not_found");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_concluded_experiment_gives_its_winner_and_keeps_nothing(pool: PgPool) {
    let server = Server::new(pool.clone());
    let id = server.running("a").await;
    server.give_all(&id, "control").await;
    assert_eq!(server.assign(&id, "before").await["variant"], "control");
    let path = format!("/api/experiments/{id}/conclude");
    server.post(&path, &json!({"winner": "treatment"})).await.expect(200);
    for user in ["before", "after"] {
        let given = server.assign(&id, user).await;
        assert_eq!((&given["variant"], &given["reason"]), (&json!("treatment"), &json!("CONCLUDED")));
    }
    let kept: i64 = sqlx::query_scalar("select count(*) from assignments").fetch_one(&pool).await.unwrap();
    assert_eq!(kept, 1, "only who was in before");
}

#[sqlx::test(migrations = "../migrations")]
async fn the_document_that_was_decided_on_is_kept_once(pool: PgPool) {
    let server = Server::new(pool.clone());
    let id = server.running("a").await;
    for number in 0..20 {
        server.assign(&id, &format!("user-{number}")).await;
    }
    let kept = async || -> Vec<(Vec<u8>, Vec<u8>)> {
        let sql = "select sha256, document from assign_documents order by created_at";
        sqlx::query_as(sql).fetch_all(&pool).await.unwrap()
    };
    let one = kept().await;
    assert_eq!(one.len(), 1);
    let document: serde_json::Value = serde_json::from_slice(&one[0].1).unwrap();
    assert_eq!(document["version"], 0);
    assert_eq!(document["experiments"][0]["key"], "a");
    assert_eq!(lotwise_core::check(&one[0].1), []);
    let sql = "select distinct document_sha256 from assignments";
    let named: Vec<Vec<u8>> = sqlx::query_scalar(sql).fetch_all(&pool).await.unwrap();
    assert_eq!(named, [one[0].0.clone()]);

    // What changes nothing of the decision changes no document, either.
    let path = format!("/api/experiments/{id}");
    server.patch(&path, &json!({"description": "words"})).await.expect(200);
    server.assign(&id, "late-1").await;
    assert_eq!(kept().await.len(), 1);
    server.give_all(&id, "control").await;
    server.assign(&id, "late-2").await;
    assert_eq!(kept().await.len(), 2);
}
