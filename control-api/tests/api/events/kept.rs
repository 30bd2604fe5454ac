//! Partitions: there in time, gone in time; and the watermark that analysis reads up to.

use std::time::Duration;

use serde_json::json;
use sqlx::PgPool;

use super::{count, exposure, post, track};
use crate::support::Server;

const DAY: Duration = Duration::from_hours(24);

#[sqlx::test(migrations = "../migrations")]
async fn a_missing_partition_is_made_when_it_is_needed(pool: PgPool) {
    let server = Server::new(pool.clone());
    server.running("button").await;
    for table in ["events", "exposures"] {
        let sql = format!(
            "do $$ declare it text; begin for it in select inhrelid::regclass::text from pg_inherits \
             where inhparent = '{table}'::regclass loop execute 'drop table ' || it; end loop; end $$"
        );
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
    }
    post(&server, &[track(json!({})), exposure(json!({}))]).await.expect(202);
    assert_eq!(count(&pool, "select count(*) from events").await, 1);
    assert_eq!(count(&pool, "select count(*) from exposures").await, 1);
    server.state.store.make_event_partitions().await.unwrap();
    let partitions =
        "select count(*) from pg_inherits where inhparent in ('events'::regclass, 'exposures'::regclass)";
    assert_eq!(count(&pool, partitions).await, 6);
    let indexes = "select count(*) from pg_indexes where tablename ~ '^(events|exposures)_p[0-9]+$'";
    // Of each, one by batch and one by user.
    assert_eq!(count(&pool, indexes).await, 12);
}

#[sqlx::test(migrations = "../migrations")]
async fn partitions_are_dropped_when_all_of_them_is_old(pool: PgPool) {
    let server = Server::new(pool.clone());
    server.running("button").await;
    post(&server, &[track(json!({})), exposure(json!({}))]).await.expect(202);
    let sql = "select create_event_partitions(now() - interval '60 days', now())";
    sqlx::query(sql).execute(&pool).await.unwrap();
    let dropped = server.state.store.drop_old_events(DAY * 30).await.unwrap();
    assert!((8..=10).contains(&dropped.len()), "{dropped:?}");
    assert_eq!(server.state.store.drop_old_events(DAY * 30).await.unwrap(), Vec::<String>::new());
    // The one that holds a day within the thirty is there.
    let sql = "select (to_regclass(event_partition('events', now() - interval '30 days')) is not null)::int::bigint";
    assert_eq!(count(&pool, sql).await, 1);
    assert_eq!(count(&pool, "select count(*) from events").await, 1);
}

#[sqlx::test(migrations = "../migrations")]
async fn the_watermark_waits_for_who_began_to_write_before_it(pool: PgPool) {
    use lotwise_control::domain::event::{NewEvent, Occurred, Source};
    use lotwise_control::store::events::append;

    let server = Server::new(pool.clone());
    server.running("button").await;
    let environment = sqlx::query_scalar("select id from environments").fetch_one(&pool).await.unwrap();
    let event = NewEvent {
        id: uuid::Uuid::now_v7(),
        environment_id: environment,
        experiment_id: None,
        user_key: "slow".to_owned(),
        event_name: "buy".to_owned(),
        value: None,
        properties: None,
        occurred: Occurred::default(),
        request_id: None,
        source: Source::Track,
    };
    let ingest = server.state.ingest.clone();
    let mut slow = pool.begin().await.unwrap();
    append(&mut slow, &[], &[event]).await.unwrap();
    // A later one is committed first; nobody is held up.
    post(&server, &[track(json!({}))]).await.expect(202);
    let settling = tokio::spawn(async move { ingest.settle().await.unwrap() });
    tokio::time::sleep(Duration::from_millis(100)).await;
    post(&server, &[track(json!({}))]).await.expect(202);
    assert!(!settling.is_finished());
    assert_eq!(count(&pool, "select count(*) from event_watermarks").await, 0);
    slow.commit().await.unwrap();
    let watermark = settling.await.unwrap();
    let below = format!("select count(*) from events where batch <= {}", watermark.batch);
    let closed = count(&pool, &below).await;
    assert!(closed >= 2, "{closed}");
    let next = server.state.ingest.settle().await.unwrap();
    assert!(next.batch > watermark.batch && next.at > watermark.at);
    // What was below it stays all there is below it.
    assert_eq!(count(&pool, &below).await, closed);
    let found = server.state.store.watermark_at(watermark.at).await.unwrap();
    assert_eq!(found, watermark);
    assert_eq!(
        server.state.store.watermark_at(watermark.at - Duration::from_micros(1)).await.unwrap().batch,
        0
    );
    assert_eq!(server.state.ingest.settle().await.unwrap(), next, "nothing new, no new watermark");
}
