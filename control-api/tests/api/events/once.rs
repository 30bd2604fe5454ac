//! An id counts once, whenever, wherever and however often it comes.

use std::time::Duration;

use futures_util::future::join_all;
use lotwise_control::domain::event::{NewEvent, Occurred, Source};
use lotwise_control::store::events::{Appended, append};
use lotwise_control::store::{Store, now};
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use super::{count, exposure, post, track};
use crate::support::Server;

#[sqlx::test(migrations = "../migrations")]
async fn an_event_sent_again_counts_once(pool: PgPool) {
    let server = Server::new(pool.clone());
    server.running("button").await;
    let (shown, bought) = (exposure(json!({})), track(json!({})));
    let twice = [shown.clone(), bought.clone(), bought.clone(), shown.clone()];
    for _ in 0..3 {
        assert_eq!(post(&server, &twice).await.expect(202)["accepted"], 4);
    }
    // The same id as something else, or at another time, is the same event.
    let mut other = track(json!({}));
    other["id"] = shown["id"].clone();
    other["timestamp"] = json!(now() - chrono::Duration::days(8));
    assert_eq!(post(&server, &[other]).await.expect(202)["accepted"], 1);
    assert_eq!(count(&pool, "select count(*) from exposures").await, 1);
    assert_eq!(count(&pool, "select count(*) from events").await, 1);
    let counts = server.state.ingest.counts();
    assert_eq!((counts.written, counts.duplicates), (2, 11));
}

#[sqlx::test(migrations = "../migrations")]
async fn a_million_events_of_one_id_are_one(pool: PgPool) {
    let server = Server::new(pool.clone());
    let replica = server.replica(pool.clone());
    server.running("button").await;
    let batch = vec![track(json!({})); 1_000];
    // A thousand requests would take a minute here: the bench sends them. These are on two servers at once.
    for _ in 0..5 {
        let answers = (0..8).map(|number| post(if number % 2 == 0 { &server } else { &replica }, &batch));
        for answer in join_all(answers).await {
            assert_eq!(answer.expect(202)["accepted"], 1_000);
        }
    }
    assert_eq!(count(&pool, "select count(*) from events").await, 1);
}

#[sqlx::test(migrations = "../migrations")]
async fn overlapping_batches_at_once_neither_lose_nor_repeat_nor_deadlock(pool: PgPool) {
    let server = Server::new(pool.clone());
    let replica = server.replica(pool.clone());
    server.running("button").await;
    let events: Vec<_> = (0..600).map(|_| track(json!({}))).collect();
    let sends = (0..16).map(|number| {
        let mut batch: Vec<_> = events.iter().skip(number * 20).take(300).cloned().collect();
        // Each in another order.
        batch.rotate_left(number * 17);
        let (server, replica) = (&server, &replica);
        async move { post(if number % 2 == 0 { server } else { replica }, &batch).await }
    });
    for answer in join_all(sends).await {
        assert_eq!(answer.expect(202)["accepted"], 300);
    }
    assert_eq!(count(&pool, "select count(*) from events").await, 600);
    assert_eq!(count(&pool, "select count(distinct id) from events").await, 600);
}

#[sqlx::test(migrations = "../migrations")]
async fn the_same_id_in_two_partitions_counts_once(pool: PgPool) {
    let server = Server::new(pool.clone());
    server.running("button").await;
    let (shown, bought) = (exposure(json!({})), track(json!({})));
    post(&server, &[shown.clone(), bought.clone()]).await.expect(202);
    // As if a week, and with it a partition, had gone by since.
    let sql = "select create_event_partitions(now() - interval '7 days', now() - interval '7 days')";
    sqlx::query(sql).execute(&pool).await.unwrap();
    for table in ["exposures", "events"] {
        let sql = format!("update {table} set received_at = received_at - interval '7 days'");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
    }
    post(&server, &[shown.clone(), bought.clone()]).await.expect(202);
    // And in the next generation of ids, which knows those of the one before.
    let sql = "update event_generations set started_at = started_at - interval '25 hours'";
    sqlx::query(sql).execute(&pool).await.unwrap();
    assert!(server.state.store.turn_event_generation().await.unwrap());
    assert!(!server.state.store.turn_event_generation().await.unwrap());
    post(&server, &[shown, bought]).await.expect(202);
    assert_eq!(count(&pool, "select count(*) from exposures").await, 1);
    assert_eq!(count(&pool, "select count(*) from events").await, 1);
}

#[sqlx::test(migrations = "../migrations")]
async fn ids_stay_known_while_generations_turn_under_load(pool: PgPool) {
    let server = Server::new(pool.clone());
    server.running("button").await;
    let events: Vec<_> = (0..400).map(|_| track(json!({}))).collect();
    let senders = join_all((0..6).map(|_| async {
        for chunk in events.chunks(40) {
            assert_eq!(post(&server, chunk).await.expect(202)["accepted"], 40);
        }
    }));
    let store = server.state.store.clone();
    let turner = async {
        for _ in 0..10 {
            // Old generations are kept: they are of today.
            sqlx::query("update event_generations set started_at = started_at - interval '1 hour'")
                .execute(&pool)
                .await
                .unwrap();
            assert!(store.turn_event_generation_after(Duration::from_mins(1)).await.unwrap_or(true));
            sqlx::query("update event_generations set started_at = now()").execute(&pool).await.unwrap();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::join!(senders, turner);
    assert_eq!(count(&pool, "select count(*) from events").await, 400);
}

#[sqlx::test(migrations = "../migrations")]
async fn what_is_part_of_another_transaction_is_there_with_it_or_not_at_all(pool: PgPool) {
    let server = Server::new(pool.clone());
    server.running("button").await;
    let environment: Uuid = sqlx::query_scalar("select id from environments").fetch_one(&pool).await.unwrap();
    let event = NewEvent {
        id: Uuid::now_v7(),
        environment_id: environment,
        experiment_id: None,
        user_key: "u".to_owned(),
        event_name: "buy".to_owned(),
        value: None,
        properties: None,
        occurred: Occurred::default(),
        request_id: None,
        source: Source::Assign,
    };
    let mut transaction = pool.begin().await.unwrap();
    append(&mut transaction, &[], std::slice::from_ref(&event)).await.unwrap();
    transaction.rollback().await.unwrap();
    assert_eq!(count(&pool, "select count(*) from events").await, 0);
    let mut transaction = pool.begin().await.unwrap();
    let appended = append(&mut transaction, &[], &[event.clone(), event.clone()]).await.unwrap();
    assert_eq!(appended, Appended { written: 1, duplicates: 1 });
    transaction.commit().await.unwrap();
    let again = Store::from_pool(pool.clone()).write_events(&[], &[event]).await.unwrap();
    assert_eq!(again, Appended { written: 0, duplicates: 1 });
    assert_eq!(count(&pool, "select count(*) from events").await, 1);
}
