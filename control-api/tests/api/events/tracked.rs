//! `POST /experiments/{id}/track`.

use serde_json::json;
use sqlx::PgPool;

use super::count;
use crate::support::Server;

#[sqlx::test(migrations = "../migrations")]
async fn one_event_is_kept_for_its_experiment(pool: PgPool) {
    let server = Server::new(pool.clone());
    let id = server.running("button").await;
    let path = format!("/api/experiments/{id}/track");
    let body = json!({"user_id": "nul\u{0}", "event_name": "buy", "value": 9.5});
    server.post(&path, &body).await.expect(202);
    let event = uuid::Uuid::now_v7();
    let body = json!({"user_key": "u", "event_name": "buy", "id": event, "properties": {"sku": "x"}});
    for _ in 0..2 {
        let answer = server.post("/api/v1/experiments/prod:button/track", &body).await.expect(202);
        assert_eq!(answer, json!({"id": event}));
    }
    assert_eq!(count(&pool, "select count(*) from events where is_verified and source = 4").await, 2);
    let sql = format!(
        "select count(*) from events where experiment_id = '{id}' and value is not distinct from 9.5"
    );
    assert_eq!(count(&pool, &sql).await, 1);
}

#[sqlx::test(migrations = "../migrations")]
async fn faults_are_told_all_at_once_and_nothing_is_kept(pool: PgPool) {
    let server = Server::new(pool.clone());
    server.running("button").await;
    let body = json!({"user_key": "", "event_name": 7, "value": 1e16, "properties": [], "id": "x",
                      "timestamp": "now", "typo": 1});
    let faults = server.post("/api/experiments/prod:button/track", &body).await.faults(422);
    let places: Vec<_> = faults.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(places.len(), 7, "{faults:?}");
    let faults = server.post("/api/experiments/prod:button/track", &json!({})).await.faults(422);
    assert_eq!(faults.len(), 2, "{faults:?}");
    let body = json!({"user_id": "u", "event_name": "buy"});
    assert_eq!(server.post("/api/experiments/prod:nothing/track", &body).await.code(404), "not_found");
    let old = json!({"user_id": "u", "event_name": "buy", "timestamp": "2020-01-01T00:00:00Z"});
    assert_eq!(server.post("/api/experiments/prod:button/track", &old).await.code(422), "too_old");
    server.post("/api/experiments/prod:button/archive", &json!({})).await.expect(200);
    assert_eq!(server.post("/api/experiments/prod:button/track", &body).await.code(409), "archived");
    assert_eq!(count(&pool, "select count(*) from events").await, 0);
}
