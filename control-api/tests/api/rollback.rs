//! Going back to an earlier version.

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::Server;

const PUBLISH: &str = "/api/environments/prod/publish";

fn roll_back_to(version: i64) -> String {
    format!("/api/environments/prod/versions/{version}/rollback")
}

/// An environment whose second version has another payload than its first, and the first's document.
async fn two_versions(server: &Server) -> String {
    let id = server.running("a").await;
    server.patch(&format!("/api/experiments/{id}"), &json!({"clientSide": true})).await.expect(200);
    server.post(PUBLISH, &json!({})).await.expect(200);
    let first = server.get("/api/environments/prod/versions/1/snapshot").await.text;
    let rules = json!([{"conditions": [{"attribute": "a", "operator": "eq", "value": "x"}]}]);
    server.patch(&format!("/api/experiments/{id}"), &json!({"targetingRules": rules})).await.expect(200);
    server.post(PUBLISH, &json!({})).await.expect(200);
    first
}

#[sqlx::test(migrations = "../migrations")]
async fn an_earlier_version_is_published_again_under_a_new_one(pool: PgPool) {
    let server = Server::with_store(pool).await;
    let first = two_versions(&server).await;
    let version = server.post(&roll_back_to(1), &json!({"note": "too blue"})).await.expect(200);
    assert_eq!((&version["version"], &version["state"]), (&json!(3), &json!("published")));
    assert_eq!((&version["rolledBackTo"], &version["note"]), (&json!(1), &json!("too blue")));
    assert_eq!(version["changes"], json!([{"experimentKey": "a", "change": "changed"}]));
    let third = server.get("/api/environments/prod/versions/3/snapshot").await.text;
    assert_eq!(content(&third), content(&first), "everything but version and time");
    for folder in ["prod/", "prod/client/"] {
        let pointer = server.object(&format!("{folder}version.json")).await;
        assert_eq!(pointer["version"], 3, "{folder}");
        let path = format!("{folder}{}", pointer["snapshot"].as_str().unwrap());
        assert_eq!(server.object(&path).await["version"], 3, "{folder}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn the_environment_says_so_until_the_next_publish(pool: PgPool) {
    let server = Server::with_store(pool).await;
    two_versions(&server).await;
    let rolled_back_to = async || {
        let one = server.get("/api/environments/prod").await.expect(200)["rolledBackTo"].clone();
        let list = server.get("/api/environments").await.expect(200);
        assert_eq!(list["items"][0]["rolledBackTo"], one);
        one
    };
    assert_eq!(rolled_back_to().await, Value::Null);
    server.post(&roll_back_to(1), &json!({})).await.expect(200);
    assert_eq!(rolled_back_to().await, 1);
    let again = server.post(&roll_back_to(1), &json!({})).await.expect(200);
    assert_eq!(again["version"], 3, "the same content is the same version");
    // The edits are still there: a publish brings them back.
    let fourth = server.post(PUBLISH, &json!({})).await.expect(200);
    assert_eq!((&fourth["version"], &fourth["rolledBackTo"]), (&json!(4), &Value::Null));
    assert_eq!(rolled_back_to().await, Value::Null);
}

#[sqlx::test(migrations = "../migrations")]
async fn there_must_be_something_to_go_back_to(pool: PgPool) {
    let server = Server::with_store(pool.clone()).await;
    two_versions(&server).await;
    assert_eq!(server.post(&roll_back_to(7), &json!({})).await.code(404), "not_found");
    sqlx::query("update versions set state = 'failed' where version = 1").execute(&pool).await.unwrap();
    assert_eq!(server.post(&roll_back_to(1), &json!({})).await.code(409), "never_published");
    let faults = server.post(&roll_back_to(1), &json!({"only": ["a"]})).await.faults(422);
    assert_eq!(faults, [("/only".to_owned(), "unknown_field".to_owned())]);
    assert_eq!(server.object("prod/version.json").await["version"], 2);
}

/// A document without what a rollback changes.
fn content(document: &str) -> Value {
    let mut document: Value = serde_json::from_str(document).expect("JSON");
    for member in ["version", "published_at"] {
        document.as_object_mut().expect("an object").remove(member);
    }
    document
}
