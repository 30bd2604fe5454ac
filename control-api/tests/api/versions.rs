//! What lies between two versions.

use serde_json::json;
use sqlx::PgPool;

use crate::support::Server;

const VERSIONS: &str = "/api/environments/prod/versions";

#[sqlx::test(migrations = "../migrations")]
async fn two_versions_are_compared_either_way(pool: PgPool) {
    let server = Server::with_store(pool.clone()).await;
    let id = server.running("a").await;
    server.publish_knowingly().await;
    let body = json!({"weights": {"control": 30, "treatment": 70}});
    server.put(&format!("/api/experiments/{id}/weights"), &body).await.expect(200);
    server.running("b").await;
    server.publish_knowingly().await;
    let there = server.get(&format!("{VERSIONS}/1...2")).await.expect(200);
    assert_eq!((&there["from"], &there["to"], &there["movesUsers"]), (&json!(1), &json!(2), &json!(true)));
    let changes: Vec<_> =
        there["experiments"].as_array().unwrap().iter().map(|it| it["change"].clone()).collect();
    assert_eq!(changes, ["changed", "added"]);
    assert_eq!(
        there["experiments"][0]["moves"],
        json!([{"from": "control", "to": "treatment", "buckets": 2000}])
    );
    let back = server.get(&format!("{VERSIONS}/2...1")).await.expect(200);
    assert_eq!(
        back["experiments"][0]["moves"],
        json!([{"from": "treatment", "to": "control", "buckets": 2000}])
    );
    assert_eq!(back["experiments"][1]["change"], "removed");
    let same = server.get(&format!("{VERSIONS}/2...2")).await.expect(200);
    assert_eq!((&same["unchanged"], &same["experiments"]), (&json!(true), &json!([])));
}

#[sqlx::test(migrations = "../migrations")]
async fn only_versions_that_readers_saw_are_compared(pool: PgPool) {
    let server = Server::with_store(pool.clone()).await;
    server.running("a").await;
    server.publish_knowingly().await;
    for path in ["1...2", "2...1", "1...x", "...", "1..2", "0...1", "1...2...3"] {
        assert_eq!(server.get(&format!("{VERSIONS}/{path}")).await.code(404), "not_found", "{path}");
    }
    sqlx::query("update versions set state = 'failed'").execute(&pool).await.unwrap();
    assert_eq!(server.get(&format!("{VERSIONS}/1...1")).await.code(409), "never_published");
    assert_eq!(server.get(&format!("{VERSIONS}/1?x=1")).await.code(400), "invalid_parameter");
}
