//! Clocks that are wrong.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use chrono::TimeDelta;
use lotwise_control::ingest::{Ingest, IngestSettings};
use lotwise_control::router::control_router;
use lotwise_control::store::now;
use serde_json::json;
use sqlx::PgPool;

use super::{count, exposure, post, track};
use crate::support::{METRICS_TOKEN, Server, ask};

#[sqlx::test(migrations = "../migrations")]
async fn how_far_a_clock_may_be_off_is_set_and_all_that_were_are_counted(pool: PgPool) {
    let mut server = Server::new(pool.clone());
    server.running("button").await;
    let body = json!({"metrics": ["buy"]});
    server.patch("/api/experiments/prod:button", &body).await.expect(200);
    let settings = IngestSettings {
        max_age: Duration::from_hours(1),
        max_ahead: Duration::from_mins(10),
        ..IngestSettings::default()
    };
    server.state.ingest = Ingest::new(server.state.store.clone(), settings);
    server.router = control_router(server.state.clone());
    let at = |minutes: i64| now() + TimeDelta::minutes(minutes);
    let batch = [
        exposure(json!({"timestamp": at(-59)})),
        track(json!({"timestamp": at(-61)})),
        track(json!({"timestamp": at(-58)})),
        track(json!({"timestamp": at(9)})),
        track(json!({"timestamp": at(11)})),
        exposure(json!({"user_key": "fast", "timestamp": at(9)})),
        exposure(json!({"user_key": "faster", "timestamp": at(11)})),
    ];
    let answer = post(&server, &batch).await.expect(202);
    let refused = answer["refused"].as_array().unwrap().iter();
    let refused: Vec<_> =
        refused.map(|it| (it["index"].as_u64().unwrap(), it["code"].as_str().unwrap())).collect();
    assert_eq!(refused, [(1, "too_old"), (4, "in_the_future"), (6, "in_the_future")]);
    // What a fast clock's user does counts after the exposure by that clock.
    let bought = track(json!({"user_key": "fast", "timestamp": at(10) - TimeDelta::seconds(30)}));
    post(&server, &[bought]).await.expect(202);
    assert_eq!(count(&pool, "select count(*) from events where occurred_at > received_at").await, 0);

    let stats = server.get("/api/experiments/prod:button/stats").await.expect(200);
    let treatment = &stats["metrics"][0]["variants"][1];
    assert_eq!((&treatment["n"], &treatment["value"]), (&json!(2), &json!(1.0)), "{stats}");
    let request = Request::get("/metrics").header("authorization", format!("Bearer {METRICS_TOKEN}"));
    let page = ask(&server.router, request.body(Body::empty()).unwrap()).await.text;
    for line in [
        "lotwise_events_written_total 5",
        "lotwise_events_clamped_total 3",
        "lotwise_events_overloaded_total 0",
        "lotwise_events_refused_total{reason=\"in_the_future\"} 2",
        "lotwise_events_refused_total{reason=\"too_old\"} 1",
    ] {
        assert!(page.lines().any(|it| it == line), "{line} in\n{page}");
    }
}
