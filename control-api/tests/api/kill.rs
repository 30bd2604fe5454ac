//! The kill switch.

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Server, eventually};

const PUBLISH: &str = "/api/environments/prod/publish";
const KILL: &str = "/api/experiments/prod:a/kill";

fn rules(value: &str) -> Value {
    json!({"targetingRules": [{"conditions": [{"attribute": "a", "operator": "eq", "value": value}]}]})
}

#[sqlx::test(migrations = "../migrations")]
async fn it_pauses_and_publishes_what_was_published_without_it(pool: PgPool) {
    let server = Server::with_store(pool.clone()).await;
    server.running("a").await;
    server.running("b").await;
    server.post(PUBLISH, &json!({})).await.expect(200);
    let before = server.get("/api/environments/prod/versions/1/snapshot").await.expect(200);
    // An edit that waits for its publish, and one that could never be published, stay where they are.
    server.patch("/api/experiments/prod:b", &rules("x")).await.expect(200);
    server.running("c").await;
    let broken = json!([{"conditions": [{"attribute": "a", "operator": "nonsense"}]}]);
    sqlx::query("update experiments set targeting_rules = $1 where key = 'c'")
        .bind(broken)
        .execute(&pool)
        .await
        .unwrap();
    server.post(PUBLISH, &json!({})).await.faults(422);

    let killed = server.post(KILL, &json!({"note": "errors"})).await.expect(200);
    assert_eq!(
        (&killed["experiment"]["status"], &killed["version"]["version"]),
        (&json!("PAUSED"), &json!(2))
    );
    assert_eq!(
        (&killed["version"]["state"], &killed["version"]["note"]),
        (&json!("published"), &json!("errors"))
    );
    assert_eq!(killed["version"]["changes"], json!([{"experimentKey": "a", "change": "removed"}]));
    let after = server.get("/api/environments/prod/versions/2/snapshot").await.expect(200);
    assert_eq!(after["experiments"], json!([before["experiments"][1]]));
    assert_eq!(server.object("prod/version.json").await["version"], 2);
    // Once more changes nothing.
    let again = server.post(KILL, &json!({})).await.expect(200);
    assert_eq!((&again["version"], &again["experiment"]), (&killed["version"], &killed["experiment"]));
    let audit: Vec<(String, String)> =
        sqlx::query_as("select action, resource_key from audit where action = 'kill'")
            .fetch_all(&pool)
            .await
            .unwrap();
    assert_eq!(audit, [("kill".to_owned(), "a".to_owned())]);
}

#[sqlx::test(migrations = "../migrations")]
async fn every_status_has_its_answer(pool: PgPool) {
    let server = Server::with_store(pool).await;
    assert_eq!(server.post(KILL, &json!({})).await.code(404), "not_found");
    server.running("a").await;
    // Nothing was ever published.
    let killed = server.post(KILL, &json!({})).await.expect(200);
    assert_eq!((&killed["experiment"]["status"], &killed["version"]), (&json!("PAUSED"), &Value::Null));
    server.post("/api/experiments/prod:a/start", &json!({})).await.expect(200);
    server.post(PUBLISH, &json!({})).await.expect(200);
    // Paused already, and still with readers.
    server.post("/api/experiments/prod:a/pause", &json!({})).await.expect(200);
    let killed = server.post(KILL, &json!({})).await.expect(200);
    assert_eq!(killed["version"]["version"], 2);
    // A winner that does harm.
    server.post("/api/experiments/prod:a/conclude", &json!({"winner": "control"})).await.expect(200);
    server.post(PUBLISH, &json!({})).await.expect(200);
    let killed = server.post(KILL, &json!({})).await.expect(200);
    assert_eq!(
        (&killed["experiment"]["status"], &killed["experiment"]["winner"]),
        (&json!("PAUSED"), &Value::Null)
    );
    assert_eq!(killed["version"]["version"], 4);
    server.post("/api/experiments", &json!({"key": "draft", "environment": "prod"})).await.expect(201);
    let answer = server.post("/api/experiments/prod:draft/kill", &json!({})).await;
    assert_eq!(answer.code(409), "transition_not_open");
    let stale = [("if-match", "\"1\"")];
    let answer = server.send(axum::http::Method::POST, KILL, Some("{}".to_owned()), &stale).await;
    assert_eq!(answer.code(412), "stale_version");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_store_that_is_away_gets_it_later(pool: PgPool) {
    let server = Server::with_store(pool).await;
    server.running("a").await;
    server.running("b").await;
    server.post(PUBLISH, &json!({})).await.expect(200);
    let Some(faults) = server.objects().faults() else { return };
    faults.fail_writes(Some(503));
    let killed = server.post(KILL, &json!({})).await.expect(202);
    assert_eq!(
        (&killed["experiment"]["status"], &killed["version"]["state"]),
        (&json!("PAUSED"), &json!("pending"))
    );
    faults.fail_writes(None);
    eventually("the version without it", async || {
        server.get("/api/environments/prod/versions/2").await.expect(200)["state"] == "published"
    })
    .await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_store_that_was_set_back_does_not_keep_it(pool: PgPool) {
    let server = Server::with_store(pool.clone()).await;
    server.running("a").await;
    server.post(PUBLISH, &json!({})).await.expect(200);
    sqlx::query("update versions set version = 6").execute(&pool).await.unwrap();
    let killed = server.post(KILL, &json!({})).await.expect(200);
    assert_eq!(
        (&killed["version"]["version"], &killed["version"]["state"]),
        (&json!(7), &json!("published"))
    );
    assert_eq!(server.object("prod/version.json").await["version"], 7);
}
