//! Batches as clients send them.

use lotwise_control::store::now;
use serde_json::json;
use sqlx::PgPool;

use super::{count, exposure, post, send, track};
use crate::support::{Server, TOKEN};

type Exposure = (Vec<u8>, String, bool, bool, bool, i64, Vec<u8>, String, String, String, String, bool);

#[sqlx::test(migrations = "../migrations")]
async fn every_field_of_an_event_is_kept(pool: PgPool) {
    let server = Server::new(pool.clone());
    let id = server.running("button").await;
    let digest = "ab".repeat(32);
    let shown = exposure(json!({
        "user_key": "nul\u{0}é", "reason": "STICKY", "config_version": 7, "snapshot_sha256": digest,
        "context": {"country": "NZ", "n": 1.0}, "sticky": {"button": "treatment"}, "is_override": false,
        "properties": {"page": "/a\u{0}"}, "timestamp": now(), "request_id": "req-1",
    }));
    let bought = track(json!({"value": -1.5, "properties": {"sku": "x"}, "experiment_key": "button"}));
    let answer = post(&server, &[shown.clone(), bought.clone()]).await;
    assert_eq!(answer.expect(202), json!({"accepted": 2, "refused": []}));

    let row: Exposure = sqlx::query_as(
        "select user_key, reason, counts, is_override, is_verified, config_version, snapshot_sha256, \
         context::text, sticky::text, properties::text, request_id, occurred_at < received_at from exposures",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(row.0, "nul\u{0}é".as_bytes());
    assert_eq!((row.1.as_str(), row.2, row.3, row.4, row.5), ("STICKY", true, false, false, 7));
    assert_eq!(row.6, vec![0xab; 32]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&row.7).unwrap(), shown["context"]);
    assert_eq!(row.8, r#"{"button":"treatment"}"#);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&row.9).unwrap(), shown["properties"]);
    assert_eq!((row.10.as_str(), row.11), ("req-1", true));
    let row: (String, f64, String, uuid::Uuid) = sqlx::query_as(
        "select event_name, value, event_attribute(properties, 'sku'), experiment_id from events",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(row, ("buy".to_owned(), -1.5, "x".to_owned(), id.parse().unwrap()));
    // What Postgres cannot take out of JSON does not stop a query.
    assert_eq!(
        count(&pool, "select count(*) from exposures where event_attribute(properties, 'page') is null")
            .await,
        1
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn json_ndjson_and_beacons_are_taken_wherever_the_route_stands(pool: PgPool) {
    let server = Server::new(pool.clone());
    server.running("button").await;
    for path in ["/events", "/api/events", "/api/v1/events"] {
        let (one, other) = (track(json!({})), exposure(json!({})));
        let lines = format!("{one}\n\n{other}\n");
        let answer = send(&server, path, lines, &[("content-type", "application/x-ndjson")]).await;
        assert_eq!(answer.expect(202)["accepted"], 2, "{path}");
        let body = json!({"events": [track(json!({}))]}).to_string();
        let answer = send(&server, path, body, &[("content-type", "text/plain;charset=UTF-8")]).await;
        assert_eq!(answer.expect(202)["accepted"], 1, "{path}");
        assert_eq!(
            send(&server, path, "{}", &[("content-type", "text/html")]).await.code(415),
            "unsupported_media_type"
        );
    }
    assert_eq!(count(&pool, "select count(*) from events").await, 6);
    assert_eq!(count(&pool, "select count(*) from exposures").await, 3);
    assert_eq!(post(&server, &[]).await.expect(202), json!({"accepted": 0, "refused": []}));
}

#[sqlx::test(migrations = "../migrations")]
async fn what_comes_without_a_secret_key_is_unverified(pool: PgPool) {
    let server = Server::new(pool.clone());
    server.running("button").await;
    let batch = || json!({"events": [exposure(json!({}))]}).to_string();
    let bearer = format!("Bearer {TOKEN}");
    send(&server, "/events", batch(), &[]).await.expect(202);
    assert_eq!(count(&pool, "select count(*) from exposures where not is_verified").await, 1);
    send(&server, "/events", batch(), &[("authorization", &bearer)]).await.expect(202);
    assert_eq!(count(&pool, "select count(*) from exposures where is_verified and source = 2").await, 1);
    // A Worker brings what others sent, with its own key.
    let headers = [("authorization", bearer.as_str()), ("x-lotwise-unverified", "1")];
    send(&server, "/events", batch(), &headers).await.expect(202);
    assert_eq!(count(&pool, "select count(*) from exposures where not is_verified").await, 2);
}

#[sqlx::test(migrations = "../migrations")]
async fn batches_that_are_too_large_are_refused_and_change_nothing(pool: PgPool) {
    let server = Server::new(pool.clone());
    server.running("button").await;
    let ten_megabytes = json!({"events": [track(json!({"properties": {"x": "x".repeat(10 << 20)}}))]});
    let answer = send(&server, "/events", ten_megabytes.to_string(), &[]).await;
    assert_eq!(answer.code(413), "body_too_large");
    let too_many: Vec<_> = (0..1_001).map(|_| track(json!({}))).collect();
    assert_eq!(post(&server, &too_many).await.code(413), "too_many_events");
    assert_eq!(post(&server, &too_many[..1_000]).await.expect(202)["accepted"], 1_000);
    assert_eq!(count(&pool, "select count(*) from events").await, 1_000);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_full_queue_says_so_and_drops_nothing(pool: PgPool) {
    use lotwise_control::ingest::{Ingest, IngestSettings};
    use lotwise_control::router::control_router;

    let mut server = Server::new(pool.clone());
    server.running("button").await;
    let settings = IngestSettings { queue: 1_000, writers: 1, ..IngestSettings::default() };
    server.state.ingest = Ingest::new(server.state.store.clone(), settings);
    server.router = control_router(server.state.clone());
    let batches: Vec<Vec<_>> = (0..20).map(|_| (0..500).map(|_| track(json!({}))).collect()).collect();
    let answers = batches.iter().map(|batch| post(&server, batch));
    let answers = futures_util::future::join_all(answers).await;
    let taken = answers.iter().filter(|answer| answer.status == 202).count();
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status != 202).collect();
    assert!(taken >= 2 && !refused.is_empty(), "{taken}");
    for answer in refused {
        assert_eq!(answer.code(503), "events_overloaded");
        assert_eq!(answer.headers["retry-after"], "1");
    }
    assert_eq!(count(&pool, "select count(*) from events").await, i64::try_from(taken * 500).unwrap());
    let counts = server.state.ingest.counts();
    assert_eq!((counts.written, counts.waiting), (taken as u64 * 500, 0));
    assert_eq!(counts.overloaded, (20 - taken as u64) * 500);
}
