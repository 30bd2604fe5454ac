//! First calls at the same time.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sqlx::PgPool;
use tokio::task::JoinSet;

use crate::support::{Server, halves};

const TASKS: usize = 64;

/// Assigns with one body per task, all at once, half of them at a second replica.
async fn at_once(server: &Server, pool: &PgPool, calls: Vec<(String, Value)>) -> Vec<Value> {
    let replica = Server::new(pool.clone());
    let mut tasks = JoinSet::new();
    for (number, (path, body)) in calls.into_iter().enumerate() {
        let router = if number.is_multiple_of(2) { server.router.clone() } else { replica.router.clone() };
        tasks.spawn(async move {
            let request = axum::http::Request::post(path)
                .header("authorization", format!("Bearer {}", crate::support::TOKEN))
                .header("content-type", "application/json")
                .body(body.to_string().into())
                .unwrap();
            crate::support::ask(&router, request).await.expect(200)
        });
    }
    tasks.join_all().await
}

#[sqlx::test(migrations = "../migrations")]
async fn one_user_at_once_has_one_winner(pool: PgPool) {
    let server = Server::new(pool.clone());
    let id = server.running("a").await;
    // What is known of the user differs, and with it the variant that each call would give.
    let body = json!({"key": "b", "environment": "prod", "bucketBy": "device", "variants": halves()});
    server.post("/api/experiments", &body).await.expect(201);
    server.post("/api/experiments/prod:b/start", &json!({})).await.expect(200);
    for experiment in [id.as_str(), "prod:b"] {
        let call = |number: usize| {
            let body = json!({"user_key": "user-1", "context": {"device": format!("device-{number}")}});
            (format!("/api/experiments/{experiment}/assign"), body)
        };
        let answers = at_once(&server, &pool, (0..TASKS).map(call).collect()).await;
        let variants: BTreeSet<String> = answers.iter().map(|it| it["variant"].to_string()).collect();
        assert_eq!(variants.len(), 1, "{answers:?}");
        let first = answers.iter().filter(|it| it["reason"] == "SPLIT").count();
        let later = answers.iter().filter(|it| it["reason"] == "STICKY").count();
        assert_eq!((first, later), (1, TASKS - 1));
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn batches_in_any_order_do_not_wait_in_a_ring(pool: PgPool) {
    let server = Server::new(pool.clone());
    let id = server.running("a").await;
    let call = |number: usize| {
        let mut users: Vec<Value> = (0..100).map(|it| json!({"user_key": format!("user-{it}")})).collect();
        users.rotate_left(number * 7 % 100);
        if number.is_multiple_of(2) {
            users.reverse();
        }
        (format!("/api/experiments/{id}/assign/bulk"), json!({"users": users}))
    };
    let answers = at_once(&server, &pool, (0..16).map(call).collect()).await;
    let split = |answer: &Value| {
        let all = answer["assignments"].as_array().unwrap();
        assert_eq!(all.len(), 100);
        all.iter().filter(|it| it["reason"] == "SPLIT").count()
    };
    assert_eq!(answers.iter().map(split).sum::<usize>(), 100, "each user is new once");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_variant_is_not_removed_from_under_a_first_call(pool: PgPool) {
    let server = Server::new(pool.clone());
    for round in 0..10 {
        let key = format!("e{round}");
        let id = server.running(&key).await;
        server.give_all(&id, "treatment").await;
        server.give_all(&id, "control").await;
        let (assigned, removed) = tokio::join!(server.assign(&id, "user-1"), async {
            server.give_all(&id, "treatment").await;
            server.delete(&format!("/api/experiments/{id}/variants/control")).await
        });
        let later = server.assign(&id, "user-1").await;
        assert_eq!(assigned["variant"], later["variant"]);
        let is_in_control = assigned["variant"] == "control";
        assert_eq!(removed.status.as_u16(), if is_in_control { 409 } else { 204 }, "{}", removed.text);
    }
}
