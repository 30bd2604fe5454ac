//! Results over HTTP.

use axum::http::Method;
use chrono::{SecondsFormat, TimeDelta};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::fixture::{Batch, Event, Exposure, Fixture, Random};
use crate::support::halves;

/// Users of whom `rates` convert, by variant.
fn users(random: &mut Random, count: u64, name: &str, rates: [f64; 2], from: TimeDelta) -> Batch {
    let mut rows = Batch::default();
    for index in 0..count {
        let user = format!("{name}{index}");
        let variant = usize::from(random.below(2) == 1);
        let at = from + TimeDelta::seconds(i64::try_from(index % 3600).unwrap());
        let mut exposure = Exposure::new(&user, variant, at);
        let country = if index.is_multiple_of(3) { "de" } else { "us" };
        exposure.context = json!({"country": country});
        exposure.is_verified = !index.is_multiple_of(10);
        rows.exposures.push(exposure);
        if random.unit() < rates[variant] {
            rows.events.push(Event::new(&user, "buy", Some(10.0), at + TimeDelta::hours(1)));
        }
    }
    rows
}

fn comparison<'a>(stats: &'a Value, metric: &str) -> &'a Value {
    let metrics = stats["metrics"].as_array().unwrap();
    &metrics.iter().find(|it| it["key"] == metric).unwrap()["comparisons"][0]
}

#[sqlx::test(migrations = "../migrations")]
async fn results_come_at_any_time_and_stay_what_they_were(pool: PgPool) {
    let body = json!({"variants": halves(), "metrics": ["buy"], "targetSampleSize": 2000, "minimumDays": 0});
    let mut it = Fixture::new(pool, body).await;
    let path = format!("/api/experiments/{}/stats", it.id);
    let nothing = it.server.get(&path).await.expect(200);
    assert_eq!(nothing["verdict"]["decision"], "keep_running");
    assert_eq!(comparison(&nothing, "buy")["status"], "no_data");
    assert_eq!(
        (&comparison(&nothing, "buy")["p"], &comparison(&nothing, "buy")["ci"]),
        (&json!(null), &json!(null))
    );

    let mut random = Random(11);
    it.write(users(&mut random, 60, "a", [0.1, 0.1], TimeDelta::hours(1))).await;
    let early = it.server.get(&path).await.expect(200);
    assert_eq!(comparison(&early, "buy")["status"], "warming_up");
    let past = lotwise_control::store::now();
    it.write(users(&mut random, 3000, "b", [0.10, 0.25], TimeDelta::hours(24))).await;
    let late = it.server.get(&path).await.expect(200);
    assert_eq!(late["verdict"]["decision"], "ship", "{late}");
    assert_eq!(late["verdict"]["recommendedVariant"], "treatment");
    assert!(!late["verdict"]["sentences"].as_array().unwrap().is_empty());
    assert_eq!(late["srm"]["alarm"], false);
    assert!(comparison(&late, "buy")["rel"].as_f64().unwrap() > 0.5);
    assert!(late["progress"]["share"].as_f64().unwrap() > 1.0);
    assert_eq!(late["control"], "control");

    let at = past.to_rfc3339_opts(SecondsFormat::Micros, true);
    let then = it.server.get(&format!("{path}?at={at}")).await.expect(200);
    assert_eq!(then["variants"], early["variants"]);
    assert_eq!(comparison(&then, "buy")["diff"], comparison(&early, "buy")["diff"]);
    let again = it.server.get(&format!("{path}?at={at}")).await.expect(200);
    assert_eq!(then, again);

    let by = it.server.get(&format!("{path}?dimension=country")).await.expect(200);
    let segments: Vec<_> = by["segments"].as_array().unwrap().iter().map(|it| it["value"].clone()).collect();
    assert_eq!(segments, [json!("us"), json!("de")]);
    let verified = it.server.get(&format!("{path}?includeUnverified=false")).await.expect(200);
    let exposed = |stats: &Value| stats["progress"]["exposed"].as_u64().unwrap();
    assert!(exposed(&verified) < exposed(&late));
    for method in ["fixed", "group_sequential", "bayes"] {
        let other = it.server.get(&format!("{path}?method={method}")).await.expect(200);
        assert_eq!(other["method"], method);
        assert_eq!(other["metrics"][0]["variants"][1]["value"], late["metrics"][0]["variants"][1]["value"]);
    }
    let csv = it.server.send(Method::GET, &path, None, &[("accept", "text/csv")]).await;
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
    let lines: Vec<&str> = csv.text.lines().collect();
    assert_eq!(lines.len(), 3, "{}", csv.text);
    let columns = lines[0].split(',').count();
    assert!(lines.iter().all(|line| line.split(',').count() == columns), "{}", csv.text);
    assert_eq!(it.server.get(&format!("{path}?format=csv&at={at}")).await.status, 200);
}

#[sqlx::test(migrations = "../migrations")]
async fn significance_is_sticky_and_questions_are_checked(pool: PgPool) {
    let body = json!({"variants": halves(), "metrics": ["buy"], "targetSampleSize": 2000, "minimumDays": 0});
    let mut it = Fixture::new(pool, body).await;
    let path = format!("/api/experiments/{}/stats", it.id);
    let mut random = Random(5);
    it.write(users(&mut random, 2000, "a", [0.10, 0.25], TimeDelta::hours(1))).await;
    let first = it.server.get(&path).await.expect(200);
    let p = |stats: &Value| comparison(stats, "buy")["pRunning"].as_f64().unwrap();
    assert!(p(&first) < 0.05);
    // The difference goes away; what was found stays found.
    it.write(users(&mut random, 6000, "b", [0.25, 0.20], TimeDelta::hours(48))).await;
    let second = it.server.get(&path).await.expect(200);
    assert!(comparison(&second, "buy")["p"].as_f64().unwrap() > p(&first));
    assert_eq!(comparison(&second, "buy")["pRunning"], comparison(&first, "buy")["pRunning"]);

    for (query, name) in [
        ("at=yesterday", "at"),
        ("at=2999-01-01T00:00:00Z", "at"),
        ("method=magic", "method"),
        ("looks=1,0.5", "looks"),
        ("dimension=", "dimension"),
        ("includeUnverified=maybe", "includeUnverified"),
        ("format=xls", "format"),
        ("typo=1", "typo"),
    ] {
        let answer = it.server.get(&format!("{path}?{query}")).await;
        assert!(answer.expect(400)["detail"].as_str().unwrap().contains(name), "{query}");
    }
    let unknown = format!("/api/experiments/{}/stats", uuid::Uuid::now_v7());
    assert_eq!(it.server.get(&unknown).await.code(404), "not_found");
}

#[sqlx::test(migrations = "../migrations")]
async fn plans_are_made_and_faults_named(pool: PgPool) {
    let body = json!({"variants": halves(), "metrics": ["buy"]});
    let mut it = Fixture::new(pool, body).await;
    let plan = json!({"kind": "proportion", "method": "fixed", "baseline": 0.1, "effectRel": 0.1});
    let answer = it.server.post("/api/power", &plan).await.expect(200);
    let total = answer["nTotal"].as_u64().unwrap();
    assert!((29_000..30_500).contains(&total), "{answer}");
    assert_eq!(answer["days"], json!(null));
    it.write(users(&mut Random(1), 1000, "a", [0.1, 0.1], TimeDelta::days(5))).await;
    let mut with_traffic = plan.clone();
    with_traffic["experimentId"] = json!(it.id);
    let answer = it.server.post("/api/power", &with_traffic).await.expect(200);
    assert!(answer["days"].as_u64().unwrap() > 100, "{answer}");
    let faults =
        it.server.post("/api/power", &json!({"baseline": 1.5, "effect": 0.1, "ratio": 0})).await.faults(422);
    assert!(
        faults.iter().any(|(at, _)| at == "/baseline") && faults.iter().any(|(at, _)| at == "/ratio"),
        "{faults:?}"
    );
    assert_eq!(it.server.post("/api/power", &json!({"typo": 1})).await.faults(422)[0].1, "unknown_field");
}
