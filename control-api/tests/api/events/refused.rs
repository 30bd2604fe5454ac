//! Events that cannot be taken: told one by one, and the others are kept.

use lotwise_control::store::now;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{count, exposure, post, send, track};
use crate::support::{Server, halves};

#[sqlx::test(migrations = "../migrations")]
async fn each_event_is_refused_for_its_own_reason_and_the_good_ones_are_kept(pool: PgPool) {
    let server = Server::new(pool.clone());
    server.running("button").await;
    server.running("old").await;
    server.post("/api/experiments/prod:old/archive", &json!({})).await.expect(200);
    let draft = json!({"key": "draft", "environment": "prod", "variants": halves()});
    server.post("/api/experiments", &draft).await.expect(201);
    let now = now();
    let bad: Vec<(Value, &str)> = vec![
        (exposure(json!({"experiment_key": "nothing"})), "unknown_experiment"),
        (exposure(json!({"variant_key": "nothing"})), "unknown_variant"),
        (exposure(json!({"environment": "dev"})), "unknown_environment"),
        (exposure(json!({"experiment_key": "old"})), "experiment_archived"),
        (exposure(json!({"experiment_key": "draft"})), "experiment_not_started"),
        (exposure(json!({"experiment_key": null})), "invalid_experiment_key"),
        (exposure(json!({"variant_key": ""})), "invalid_variant_key"),
        (exposure(json!({"reason": "CONCLUDED"})), "concluded"),
        (exposure(json!({"reason": "NOT_IN_TRAFFIC"})), "invalid_reason"),
        (exposure(json!({"context": []})), "invalid_context"),
        (exposure(json!({"sticky": {"a": 1}})), "invalid_sticky"),
        (exposure(json!({"snapshot_sha256": "abc"})), "invalid_snapshot_sha256"),
        (exposure(json!({"config_version": 0})), "invalid_config_version"),
        (exposure(json!({"is_override": "yes"})), "invalid_is_override"),
        (track(json!({"experiment_key": "nothing"})), "unknown_experiment"),
        (track(json!({"experiment_key": "old"})), "experiment_archived"),
        (track(json!({"event_name": null})), "invalid_event_name"),
        (track(json!({"event_name": "x".repeat(129)})), "invalid_event_name"),
        (track(json!({"event_name": "a\u{0}"})), "invalid_event_name"),
        (track(json!({"value": "7"})), "invalid_value"),
        (track(json!({"value": 1.1e15})), "invalid_value"),
        (track(json!({"value": -1.1e15})), "invalid_value"),
        (track(json!({"timestamp": "yesterday"})), "invalid_timestamp"),
        (track(json!({"timestamp": "2026-11-21"})), "invalid_timestamp"),
        (track(json!({"timestamp": now - chrono::Duration::days(31)})), "too_old"),
        (track(json!({"timestamp": "0001-01-01T00:00:00Z"})), "too_old"),
        (track(json!({"timestamp": now + chrono::Duration::days(2)})), "in_the_future"),
        (track(json!({"properties": "x"})), "invalid_properties"),
        (track(json!({"request_id": "a b"})), "invalid_request_id"),
        (track(json!({"evnet_name": "x"})), "unknown_field"),
        (track(json!({"user_key": ""})), "invalid_user_key"),
    ];
    let mut batch = vec![track(json!({}))];
    batch.extend(bad.iter().map(|(event, _)| event.clone()));
    batch.push(exposure(json!({})));
    let answer = post(&server, &batch).await.expect(202);
    assert_eq!(answer["accepted"], 2, "{answer}");
    let refused = answer["refused"].as_array().unwrap();
    assert_eq!(refused.len(), bad.len(), "{answer}");
    for (index, (refused, (_, code))) in refused.iter().zip(&bad).enumerate() {
        assert_eq!((&refused["index"], &refused["code"]), (&json!(index + 1), &json!(code)), "{refused}");
        assert!(!refused["detail"].as_str().unwrap().is_empty());
    }
    assert_eq!(count(&pool, "select count(*) from events").await, 1);
    assert_eq!(count(&pool, "select count(*) from exposures").await, 1);
    for (event, code) in &bad {
        let answer = post(&server, std::slice::from_ref(event)).await;
        assert_eq!(answer.faults(422), [("/events/0".to_owned(), (*code).to_owned())]);
    }
    assert_eq!(server.state.ingest.counts().refused["too_old"], 4);
}

#[sqlx::test(migrations = "../migrations")]
async fn numbers_and_texts_that_are_none_are_refused(pool: PgPool) {
    let server = Server::new(pool.clone());
    server.running("button").await;
    let event = |value: &str| {
        let id = uuid::Uuid::now_v7();
        format!(
            r#"{{"id":"{id}","type":"track","environment":"prod","user_key":"u","event_name":"buy","value":{value}}}"#
        )
    };
    let lines = ["1", "1e400", "NaN", "Infinity", "-1e400", "1e15"].map(event).join("\n");
    let answer =
        send(&server, "/events", lines, &[("content-type", "application/x-ndjson")]).await.expect(202);
    assert_eq!(answer["accepted"], 2, "{answer}");
    let codes: Vec<_> =
        answer["refused"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["invalid_value", "malformed_event", "malformed_event", "invalid_value"]);
    let mut body = format!(r#"{{"events":[{}]}}"#, event("1")).into_bytes();
    let place = body.len() - 40;
    body[place] = 0xff;
    assert_eq!(send(&server, "/events", body, &[]).await.code(400), "malformed_json");
    let surrogate = event("1").replace(r#""u""#, r#""\ud800""#);
    assert_eq!(
        send(&server, "/events", format!(r#"{{"events":[{surrogate}]}}"#), &[]).await.faults(422),
        [("/events/0".to_owned(), "invalid_user_key".to_owned())]
    );
    let deep = format!("{}{}", "{\"a\":".repeat(70), "1") + &"}".repeat(70);
    let deep = event("1").replace("\"value\":1", &format!("\"properties\":{deep}"));
    assert_eq!(
        send(&server, "/events", format!(r#"{{"events":[{deep}]}}"#), &[]).await.faults(422)[0].1,
        "invalid_properties"
    );
    assert_eq!(count(&pool, "select count(*) from events").await, 2);
}

#[sqlx::test(migrations = "../migrations")]
async fn times_in_the_future_count_as_of_receipt(pool: PgPool) {
    let server = Server::new(pool.clone());
    server.running("button").await;
    let soon = now() + chrono::Duration::hours(1);
    post(&server, &[track(json!({"timestamp": soon})), exposure(json!({"timestamp": soon}))])
        .await
        .expect(202);
    for table in ["events", "exposures"] {
        let sql = format!("select count(*) from {table} where is_clamped and occurred_at = received_at");
        assert_eq!(count(&pool, &sql).await, 1, "{table}");
    }
    assert_eq!(server.state.ingest.counts().clamped, 2);
    let quality = server.get("/api/experiments/prod:button/exposures/quality").await.expect(200);
    assert_eq!(quality["clamped"], 1, "{quality}");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_database_that_is_away_is_told_and_the_events_may_come_again(pool: PgPool) {
    let server = Server::new(pool.clone());
    server.running("button").await;
    let event = track(json!({}));
    sqlx::query("alter table events rename to elsewhere").execute(&pool).await.unwrap();
    let answer = post(&server, std::slice::from_ref(&event)).await;
    assert_eq!(answer.code(503), "events_unavailable");
    assert!(answer.headers.contains_key("retry-after"));
    sqlx::query("alter table elsewhere rename to events").execute(&pool).await.unwrap();
    // The connections that failed in the middle of a COPY trouble nobody.
    for _ in 0..20 {
        post(&server, std::slice::from_ref(&event)).await.expect(202);
        server.get("/api/environments").await.expect(200);
    }
    assert_eq!(count(&pool, "select count(*) from events").await, 1);
}
