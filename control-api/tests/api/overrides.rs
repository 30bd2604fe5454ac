//! Overrides.

use axum::http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::Server;

#[sqlx::test(migrations = "../migrations")]
async fn users_are_pinned_listed_and_let_go(pool: PgPool) {
    let server = Server::new(pool.clone());
    let id = server.running("a").await;
    let path = format!("/api/experiments/{id}/overrides");
    let pin = json!({"variant": "control"});
    let answer = server.put(&format!("{path}/qa:alice"), &pin).await;
    assert_eq!(answer.expect(200), json!({"userKey": "qa:alice", "variant": "control", "version": 3}));
    assert_eq!(answer.headers["etag"], "\"3\"");
    server.put(&format!("{path}/qa:alice"), &json!({"variant": "treatment"})).await.expect(200);
    assert_eq!(server.get(&format!("/api/experiments/{id}")).await.expect(200)["version"], 4);
    for key in ["a%2Fb", "%00", "%C3%A4%20x"] {
        server.put(&format!("{path}/{key}"), &pin).await.expect(200);
    }
    let users = |page: &Value| -> Vec<String> {
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["userKey"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = server.get(&format!("{path}?limit=2")).await.expect(200);
    assert_eq!(users(&first), ["\0", "a/b"]);
    let cursor = first["nextCursor"].as_str().unwrap();
    let second = server.get(&format!("{path}?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!(
        (users(&second), &second["nextCursor"]),
        (vec!["qa:alice".to_owned(), "ä x".to_owned()], &json!(null))
    );
    assert_eq!(second["items"][0]["variant"], "treatment");
    assert_eq!(server.get(&format!("{path}?cursor=xyz")).await.code(400), "invalid_parameter");

    server.delete(&format!("{path}/%00")).await.expect(204);
    assert_eq!(server.delete(&format!("{path}/%00")).await.code(404), "not_found");
    assert_eq!(users(&server.get(&path).await.expect(200)), ["a/b", "qa:alice", "ä x"]);
    let sql = "select before::text, after::text from audit where resource = 'override' \
               and experiment_id = $1::uuid order by id";
    let rows: Vec<(Option<String>, Option<String>)> =
        sqlx::query_as(sql).bind(&id).fetch_all(&pool).await.unwrap();
    let (before, after) = &rows[1];
    let read = |text: &Option<String>| serde_json::from_str::<Value>(text.as_ref().unwrap()).unwrap();
    assert_eq!(read(before), json!({"userKey": "qa:alice", "variant": "control"}));
    assert_eq!(read(after), json!({"userKey": "qa:alice", "variant": "treatment"}));
    assert!(rows[0].0.is_none() && rows.last().unwrap().1.is_none());
}

#[sqlx::test(migrations = "../migrations")]
async fn pins_that_make_no_sense_are_refused(pool: PgPool) {
    let server = Server::new(pool);
    let id = server.running("a").await;
    let path = format!("/api/experiments/{id}/overrides");
    let pin = json!({"variant": "control"});
    let unknown = server.put(&format!("{path}/u"), &json!({"variant": "none", "why": 1})).await;
    assert_eq!(unknown.faults(422)[0], ("/why".to_owned(), "unknown_field".to_owned()));
    let unknown = server.put(&format!("{path}/u"), &json!({"variant": "none"})).await;
    assert_eq!(unknown.faults(422), [("/variant".to_owned(), "unknown_variant".to_owned())]);
    assert_eq!(server.put(&format!("{path}/u"), &json!({})).await.faults(422)[0].1, "required");
    server.put(&format!("{path}/{}", "x".repeat(512)), &pin).await.expect(200);
    let long = server.put(&format!("{path}/{}", "x".repeat(513)), &pin).await;
    assert_eq!(long.code(400), "invalid_user_key");
    assert_eq!(server.put(&format!("{path}/%FF"), &pin).await.code(400), "invalid_user_key");
    let body = Some(pin.to_string());
    let stale = server.send(Method::PUT, &format!("{path}/u"), body, &[("if-match", "\"1\"")]).await;
    assert_eq!(stale.code(412), "stale_version");
    assert_eq!(server.put("/api/experiments/prod:none/overrides/u", &pin).await.code(404), "not_found");
    assert_eq!(server.get(&path).await.expect(200)["items"].as_array().unwrap().len(), 1);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_pinned_variant_stays(pool: PgPool) {
    let server = Server::new(pool);
    let body = json!({"key": "a", "variants": [{"key": "on"}, {"key": "off"}]});
    server.post("/api/experiments", &body).await.expect(201);
    let path = "/api/experiments/default:a";
    server.put(&format!("{path}/overrides/u"), &json!({"variant": "on"})).await.expect(200);
    assert_eq!(server.delete(&format!("{path}/variants/on")).await.code(409), "variant_in_use");
    server.delete(&format!("{path}/variants/off")).await.expect(204);
    server.delete(&format!("{path}/overrides/u")).await.expect(204);
    server.delete(&format!("{path}/variants/on")).await.expect(204);
    server.post(&format!("{path}/variants"), &json!({"key": "on"})).await.expect(201);
    server.put(&format!("{path}/overrides/u"), &json!({"variant": "on"})).await.expect(200);
    server.delete(path).await.expect(204);
}
