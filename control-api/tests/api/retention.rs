//! Deleting what was archived long ago.

use std::time::Duration;

use lotwise_control::jobs::retention::purge_archived;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Server, halves};

const DAY: Duration = Duration::from_hours(24);

/// Experiments that were archived so many days ago.
async fn archived(server: &Server, pool: &PgPool, days: &[i32]) {
    for (index, days) in days.iter().enumerate() {
        let key = format!("e{index}");
        let body = json!({"key": key, "variants": halves()});
        let made = server.post("/api/experiments", &body).await.expect(201);
        let id = made["id"].as_str().unwrap();
        server.post(&format!("/api/experiments/{id}/archive"), &json!({})).await.expect(200);
        sqlx::query("update experiments set archived_at = now() - make_interval(days => $2) where key = $1")
            .bind(key)
            .bind(days)
            .execute(pool)
            .await
            .unwrap();
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn only_what_was_archived_long_enough_ago_is_deleted(pool: PgPool) {
    let server = Server::new(pool.clone());
    archived(&server, &pool, &[100, 91, 89, 0]).await;
    let draft = json!({"key": "draft"});
    server.post("/api/experiments", &draft).await.expect(201);
    sqlx::query("update experiments set created_at = now() - interval '1 year'")
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(purge_archived(&server.state.store, DAY * 90).await.unwrap(), 2);
    assert_eq!(purge_archived(&server.state.store, DAY * 90).await.unwrap(), 0);
    let left = server.get("/api/experiments").await.expect(200);
    let keys: Vec<_> = left["items"].as_array().unwrap().iter().map(|it| it["key"].clone()).collect();
    assert_eq!(keys, ["draft", "e3", "e2"]);
    let history = server.get("/api/audit?action=purge").await.expect(200);
    assert_eq!(history["items"].as_array().unwrap().len(), 2);
    let entry = &history["items"][1];
    assert_eq!((&entry["actor"], &entry["resourceKey"]), (&json!("job:retention"), &json!("e0")));
    assert_eq!((&entry["before"]["key"], &entry["after"]), (&json!("e0"), &Value::Null));
}

#[sqlx::test(migrations = "../migrations")]
async fn replicas_that_purge_at_once_delete_each_once(pool: PgPool) {
    let server = Server::new(pool.clone());
    archived(&server, &pool, &[9; 12]).await;
    let replica = server.replica(pool);
    let (one, other) =
        tokio::join!(purge_archived(&server.state.store, DAY), purge_archived(&replica.state.store, DAY));
    assert_eq!(one.unwrap() + other.unwrap(), 12);
    let history = server.get("/api/audit?action=purge").await.expect(200);
    assert_eq!(history["items"].as_array().unwrap().len(), 12);
}
