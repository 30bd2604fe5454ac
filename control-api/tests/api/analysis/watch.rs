//! Experiments are looked at though nobody asks.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use chrono::TimeDelta;
use lotwise_control::analysis::keep_looking;
use serde_json::{Value, json};
use sqlx::PgPool;
use tokio::sync::watch;

use super::fixture::{Batch, Event, Exposure, Fixture};
use crate::support::{METRICS_TOKEN, ask, eventually, halves};

/// Users of whom these shares convert, by variant, in per cent.
fn users(name: &str, count: usize, percents: [usize; 2], from: TimeDelta) -> Batch {
    let mut rows = Batch::default();
    for index in 0..count {
        let (user, variant) = (format!("{name}{index}"), index % 2);
        rows.exposures.push(Exposure::new(&user, variant, from));
        if index / 2 % 100 < percents[variant] {
            rows.events.push(Event::new(&user, "buy", None, from + TimeDelta::hours(1)));
        }
    }
    rows
}

async fn page(it: &Fixture) -> String {
    let request = Request::get("/metrics").header("authorization", format!("Bearer {METRICS_TOKEN}"));
    ask(&it.server.router, request.body(Body::empty()).unwrap()).await.text
}

#[sqlx::test(migrations = "../migrations")]
async fn looks_are_kept_and_counted_before_anybody_asks(pool: PgPool) {
    let body = json!({"variants": halves(), "metrics": ["buy"], "targetSampleSize": 2000, "minimumDays": 0});
    let mut it = Fixture::new(pool, body).await;
    let (stop, stopped) = watch::channel(false);
    let ingest = it.server.state.ingest.clone();
    let looking = keep_looking(it.store().clone(), ingest, Duration::from_millis(50), stopped);
    let id = it.id.clone();
    let events = |count: u32| {
        format!(
            "experimentation_events_total{{experiment_id=\"{id}\",variant=\"treatment\",event_name=\"buy\"}} {count}\n"
        )
    };
    let significant = |count: u32| {
        format!("experimentation_significant_results_total{{experiment_id=\"{id}\"}} {count}.0\n")
    };

    it.write(users("a", 2_000, [10, 25], TimeDelta::hours(1))).await;
    eventually("a look", async || page(&it).await.contains(&significant(1))).await;
    assert!(page(&it).await.contains(&events(250)));
    // The difference goes away again; the smallest p-value was met by a look that nobody asked for.
    it.write(users("b", 4_000, [25, 17], TimeDelta::hours(9))).await;
    eventually("another look", async || page(&it).await.contains(&events(250 + 340))).await;
    assert!(it.store().look_count(it.subject.experiment_id).await.unwrap() >= 1);
    let _ = stop.send(true);
    tokio::time::timeout(Duration::from_secs(5), looking).await.expect("it stops when told").unwrap();

    let stats = it.server.get(&format!("/api/experiments/{}/stats", it.id)).await.expect(200);
    let comparison: &Value = &stats["metrics"][0]["comparisons"][0];
    let number = |name: &str| comparison[name].as_f64().unwrap();
    assert!(number("p") > 0.05 && number("pRunning") < 0.05, "{comparison}");
    assert_eq!(comparison["significant"], true);
}
