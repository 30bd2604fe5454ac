//! Results of too little: statuses instead of numbers, in every form that results have.

use axum::http::Method;
use chrono::TimeDelta;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::fixture::{Batch, Event, Exposure, Fixture};
use crate::support::{Server, halves};

const METHODS: [&str; 5] =
    ["", "method=sequential", "method=fixed", "method=group_sequential&looks=0.5,1", "method=bayes"];

async fn fixture(pool: PgPool) -> Fixture {
    let server = Server::new(pool.clone());
    server.post("/api/environments", &json!({"name": "prod"})).await.expect(201);
    let metrics = [
        json!({"key": "buys", "kind": "conversion", "eventName": "buy"}),
        json!({"key": "money", "kind": "revenue", "eventName": "buy"}),
        json!({"key": "adjusted", "kind": "sum", "eventName": "buy", "prePeriodSeconds": 86_400}),
        json!({"key": "per-visit", "kind": "ratio", "eventName": "buy", "denominatorEvent": "visit"}),
        json!({"key": "slow", "kind": "quantile", "eventName": "buy", "quantile": 0.9}),
    ];
    for metric in &metrics {
        server.post("/api/metrics", metric).await.expect(201);
    }
    let mut keys: Vec<Value> = metrics.iter().map(|metric| metric["key"].clone()).collect();
    keys.push(json!({"key": "errors", "role": "guardrail"}));
    Fixture::new(pool, json!({"variants": halves(), "metrics": keys, "targetSampleSize": 1_000})).await
}

/// Users with what they buy, exposed in this variant.
fn users(variant: usize, count: usize, buyers: usize) -> Batch {
    let mut rows = Batch::default();
    for index in 0..count {
        let user = format!("{variant}-{index}");
        let mut exposure = Exposure::new(&user, variant, TimeDelta::hours(1));
        exposure.context = json!({"country": "nz"});
        rows.exposures.push(exposure);
        if index < buyers {
            rows.events.push(Event::new(&user, "buy", Some(5.0), TimeDelta::hours(2)));
        }
    }
    rows
}

/// What every comparison says that is not `ok`.
#[track_caller]
fn assert_bare(comparison: &Value, place: &str) {
    let status = comparison["status"].as_str().unwrap();
    let p = if status == "warming_up" { json!(1.0) } else { Value::Null };
    for (name, expected) in [
        ("p", &p),
        ("ci", &Value::Null),
        ("relCi", &Value::Null),
        ("ciAdjusted", &Value::Null),
        ("relCiAdjusted", &Value::Null),
        ("better", &Value::Null),
    ] {
        assert_eq!(&comparison[name], expected, "{place} {name}: {comparison}");
    }
    assert_eq!(comparison["significant"], false, "{place}: {comparison}");
}

/// Statuses of the metrics, by every method alike; all that is not `ok` is bare of numbers.
async fn statuses(it: &Fixture, method: &str) -> Vec<String> {
    let path = format!("/api/experiments/{}/stats?{method}", it.id);
    let stats = it.server.get(&format!("{path}&dimension=country")).await.expect(200);
    let whole = stats["metrics"].as_array().unwrap();
    let segments = stats["segments"].as_array().unwrap();
    let parts = segments.iter().flat_map(|segment| segment["metrics"].as_array().unwrap());
    for metric in whole.iter().chain(parts) {
        let comparison = &metric["comparisons"][0];
        if comparison["status"] != "ok" {
            assert_bare(comparison, &format!("{method} {}", metric["key"]));
        }
    }
    for verdict in [&stats["verdict"], &stats["verdicts"][0]] {
        assert_eq!(verdict["decision"], "keep_running", "{method}");
    }
    let csv = it.server.send(Method::GET, &format!("{path}&format=csv"), None, &[]).await;
    let mut lines = csv.text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().unwrap();
    let column = |name: &str| head.iter().position(|it| *it == name).unwrap();
    for line in lines.filter(|line| !["ok", ""].contains(&line[column("status")])) {
        for name in ["diff_lo", "diff_hi", "rel_lo", "rel_hi"] {
            assert_eq!(line[column(name)], "", "{line:?}");
        }
        let p = if line[column("status")] == "warming_up" { "1" } else { "" };
        assert_eq!(line[column("p")], p, "{line:?}");
    }
    assert!(!csv.text.contains("NaN"), "{}", csv.text);
    whole.iter().map(|it| it["comparisons"][0]["status"].as_str().unwrap().to_owned()).collect()
}

#[sqlx::test(migrations = "../migrations")]
async fn too_little_gives_a_status_and_no_numbers_by_every_method(pool: PgPool) {
    let mut it = fixture(pool).await;
    for method in METHODS {
        assert_eq!(statuses(&it, method).await, ["no_data"; 6], "{method}");
    }
    it.write(users(0, 1, 1)).await;
    for method in METHODS {
        assert_eq!(statuses(&it, method).await, ["no_data"; 6], "{method}");
    }
    it.write(users(1, 1, 0)).await;
    for method in METHODS {
        let found = statuses(&it, method).await;
        assert_eq!(found[1..3], ["insufficient_data"; 2], "{method}: {found:?}");
        assert_eq!(found[4], "no_data", "{method}: nothing of the treatment has a value");
    }
    it.write(users(0, 40, 0)).await;
    it.write(users(1, 40, 9)).await;
    for method in METHODS {
        let found = statuses(&it, method).await;
        let early =
            if ["", "method=sequential", "method=bayes"].contains(&method) { "warming_up" } else { "ok" };
        assert_eq!([&found[0], &found[2]], [early; 2], "{method}: {found:?}");
        assert_eq!(found[3], "zero_denominator", "{method}: nobody visited");
        assert_eq!(found[4], "insufficient_data", "{method}: nine values");
        assert_eq!(found[5], "zero_variance", "{method}: nobody erred");
    }
}
