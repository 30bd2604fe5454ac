//! What results depend on is kept as it was: those of a past time stay what they were.

use chrono::{SecondsFormat, TimeDelta};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::fixture::{Batch, Event, Exposure, Fixture, Random};
use crate::support::{Server, halves};

const HOUR: i64 = 3600;

/// An experiment with metrics whose sums are whole numbers.
async fn fixture(pool: PgPool) -> Fixture {
    let server = Server::new(pool.clone());
    server.post("/api/environments", &json!({"name": "prod"})).await.expect(201);
    for metric in [
        json!({"key": "buys", "kind": "conversion", "eventName": "buy", "windowEndSeconds": 48 * HOUR,
               "prePeriodSeconds": 24 * HOUR, "minimumEffect": 0.05}),
        json!({"key": "visits", "kind": "count", "eventName": "visit", "winsorUpper": null}),
        json!({"key": "money", "kind": "revenue", "eventName": "buy", "winsorUpper": null,
               "filters": [{"attribute": "plan", "operator": "in", "value": ["pro", "team"]}]}),
        json!({"key": "per-visit", "kind": "ratio", "eventName": "buy", "valueProperty": "value",
               "denominatorEvent": "visit"}),
        json!({"key": "comes-back", "kind": "retention", "eventName": "visit",
               "windowStartSeconds": 24 * HOUR, "windowEndSeconds": 72 * HOUR}),
        json!({"key": "refunds", "kind": "conversion", "eventName": "refund", "direction": "decrease",
               "guardrailMargin": 0.1}),
    ] {
        server.post("/api/metrics", &metric).await.expect(201);
    }
    let metrics = json!([{"key": "money", "role": "primary"}, "buys", "visits", "per-visit", "comes-back",
        {"key": "refunds", "role": "guardrail"}]);
    let body = json!({"variants": halves(), "metrics": metrics, "hypothesis": "More is bought.",
        "significanceLevel": 0.0123, "targetSampleSize": 400, "minimumDays": 1});
    Fixture::new(pool, body).await
}

fn users(random: &mut Random, name: &str, count: u64) -> Batch {
    let mut rows = Batch::default();
    for index in 0..count {
        let user = format!("{name}{index}");
        let variant = usize::from(random.below(2) == 1);
        let hours = |hours: u64| TimeDelta::hours(i64::try_from(hours).unwrap());
        let at = hours(24 + random.below(100));
        let mut exposure = Exposure::new(&user, variant, at);
        exposure.is_verified = random.below(5) > 0;
        exposure.context = json!({"country": if index.is_multiple_of(3) { "us" } else { "de" }});
        rows.exposures.push(exposure);
        for _ in 0..random.below(5) {
            let kind = ["buy", "visit", "refund"][usize::try_from(random.below(3)).unwrap()];
            let value = Some(f64::from(u8::try_from(random.below(100)).unwrap()));
            let mut event = Event::new(&user, kind, value, at + hours(random.below(60)) - hours(10));
            event.properties = json!({"plan": if random.below(2) == 1 { "pro" } else { "free" }});
            rows.events.push(event);
        }
    }
    rows
}

/// Other definitions, settings, metrics, shares, variants and another status.
async fn change_everything(it: &Fixture) {
    let server = &it.server;
    let change = json!({"name": "Orders", "eventName": "visit", "windowEndSeconds": null,
        "direction": "decrease", "minimumEffect": 0.5});
    server.patch("/api/metrics/prod:buys", &change).await.expect(200);
    server.patch("/api/metrics/prod:refunds", &json!({"guardrailMargin": 0.5})).await.expect(200);
    let path = format!("/api/experiments/{}", it.id);
    let change = json!({"metrics": ["brand-new", "refunds", "buys"], "primaryMetric": "buys",
        "guardrailMetrics": [], "significanceLevel": 0.2, "targetSampleSize": 10, "minimumDays": 0,
        "hypothesis": "Less is bought."});
    server.patch(&path, &change).await.expect(200);
    server.delete("/api/metrics/prod:money").await.expect(204);
    server.delete("/api/metrics/prod:visits").await.expect(204);
    let visits = json!({"key": "visits", "kind": "conversion", "eventName": "buy"});
    server.post("/api/metrics", &visits).await.expect(201);
    server.post(&format!("{path}/variants"), &json!({"key": "third"})).await.expect(201);
    let weights = json!({"weights": {"control": 20, "treatment": 40, "third": 40}});
    server.put(&format!("{path}/weights"), &weights).await.expect(200);
    server.post(&format!("{path}/pause"), &json!({})).await.expect(200);
}

fn keys(stats: &Value) -> Vec<&str> {
    stats["metrics"].as_array().unwrap().iter().map(|it| it["key"].as_str().unwrap()).collect()
}

async fn plan_count(pool: &PgPool) -> i64 {
    sqlx::query_scalar("select count(*) from analysis_plans").fetch_one(pool).await.unwrap()
}

#[sqlx::test(migrations = "../migrations")]
async fn a_past_answer_stays_what_it_was_byte_for_byte(pool: PgPool) {
    let mut it = fixture(pool).await;
    let path = format!("/api/experiments/{}/stats", it.id);
    let mut random = Random(26);
    it.write(users(&mut random, "a", 200)).await;
    it.server.get(&path).await.expect(200);
    it.write(users(&mut random, "b", 300)).await;
    let first = it.server.get(&path).await;
    let at = first.expect(200)["at"].as_str().unwrap().to_owned();
    let mut answers = Vec::new();
    for query in [
        "",
        "&dimension=country",
        "&method=bayes",
        "&method=fixed",
        "&includeUnverified=false",
        "&format=csv",
    ] {
        let path = format!("{path}?at={at}{query}");
        let answer = it.server.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answers.push((path, answer.text));
    }
    assert_eq!(answers[0].1, first.text);

    change_everything(&it).await;
    it.write(users(&mut random, "c", 300)).await;
    it.server.get(&path).await.expect(200);
    // Late events and second variants of users who were there.
    it.write(users(&mut random, "a", 200)).await;
    let present = it.server.get(&path).await.expect(200);
    assert_eq!(keys(&present), ["brand-new", "refunds", "buys"]);
    assert_eq!(
        (&present["experimentStatus"], &present["significanceLevel"]),
        (&json!("PAUSED"), &json!(0.2))
    );
    for (path, before) in &answers {
        for _ in 0..2 {
            assert_eq!(&it.server.get(path).await.text, before, "{path}");
        }
    }
    let then = it.server.get(&answers[0].0).await.expect(200);
    assert_eq!(keys(&then), ["money", "buys", "visits", "per-visit", "comes-back", "refunds"]);
    assert_eq!(
        (&then["metrics"][0]["role"], &then["metrics"][0]["kind"]),
        (&json!("primary"), &json!("sum"))
    );
    assert_eq!(then["metrics"][2]["kind"], "count");
    assert_eq!(then["experimentStatus"], "RUNNING");
}

#[sqlx::test(migrations = "../migrations")]
async fn plans_are_noted_when_they_change_and_only_then(pool: PgPool) {
    let it = fixture(pool.clone()).await;
    let path = format!("/api/experiments/{}", it.id);
    // As a draft and running.
    assert_eq!(plan_count(&pool).await, 2);
    it.server.patch(&path, &json!({"name": "Other", "clientSide": true})).await.expect(200);
    it.server.patch("/api/metrics/prod:buys", &json!({"description": "Any."})).await.expect(200);
    it.server.put(&format!("{path}/overrides/u"), &json!({"variant": "control"})).await.expect(200);
    it.server.post("/api/metrics", &json!({"key": "unused", "kind": "conversion"})).await.expect(201);
    it.server.patch("/api/metrics/prod:unused", &json!({"eventName": "other"})).await.expect(200);
    assert_eq!(plan_count(&pool).await, 2);
    let other = json!({"key": "other", "metrics": ["buys"], "variants": halves()});
    it.server.post("/api/experiments", &other).await.expect(201);
    assert_eq!(plan_count(&pool).await, 3);
    // Of both experiments.
    it.server.patch("/api/metrics/prod:buys", &json!({"name": "Orders"})).await.expect(200);
    assert_eq!(plan_count(&pool).await, 5);
    it.server.post(&format!("{path}/variants"), &json!({"key": "third"})).await.expect(201);
    let weights = json!({"weights": {"control": 20, "treatment": 40, "third": 40}});
    it.server.put(&format!("{path}/weights"), &weights).await.expect(200);
    it.server.post(&format!("{path}/kill"), &json!({})).await.expect(200);
    assert_eq!(plan_count(&pool).await, 8);
    it.server.delete("/api/experiments/prod:other").await.expect(204);
    assert_eq!(plan_count(&pool).await, 6);
}

#[sqlx::test(migrations = "../migrations")]
async fn before_the_first_plan_it_was_the_first_one(pool: PgPool) {
    let it = fixture(pool.clone()).await;
    let at = it.start.to_rfc3339_opts(SecondsFormat::Micros, true);
    let path = format!("/api/experiments/{}/stats?at={at}", it.id);
    change_everything(&it).await;
    let then = it.server.get(&path).await.expect(200);
    assert_eq!(then["experimentStatus"], "DRAFT");
    assert_eq!(keys(&then)[0], "money");
    sqlx::query("delete from analysis_plans").execute(&pool).await.unwrap();
    let then = it.server.get(&path).await.expect(200);
    assert_eq!(keys(&then), ["brand-new", "refunds", "buys"]);
}

#[sqlx::test(migrations = "../migrations")]
async fn the_migration_makes_the_plans_that_saving_makes(pool: PgPool) {
    let it = fixture(pool.clone()).await;
    let winsorised = json!({"key": "sizes", "kind": "sum", "valueProperty": "size", "winsorLower": 0.1});
    it.server.post("/api/metrics", &winsorised).await.expect(201);
    it.server
        .post("/api/metrics", &json!({"key": "slow", "kind": "quantile", "quantile": 0.9}))
        .await
        .expect(201);
    for body in [
        json!({"key": "empty"}),
        json!({"key": "converts", "metrics": ["sizes", "conversion", "slow"], "variants": halves()}),
        json!({"key": "guards", "metrics": [{"key": "conversion", "role": "guardrail"}, "slow", "sizes"]}),
    ] {
        it.server.post("/api/experiments", &body).await.expect(201);
    }
    let present = async || -> Vec<Value> {
        let sql = "select distinct on (experiment_id) plan from analysis_plans \
                   order by experiment_id, since desc";
        sqlx::query_scalar(sql).fetch_all(&pool).await.unwrap()
    };
    let noted = present().await;
    assert_eq!(noted.len(), 4);
    assert_eq!(noted[3]["primaryMetric"], "slow");
    sqlx::query("delete from analysis_plans").execute(&pool).await.unwrap();
    let migration = include_str!("../../../../migrations/0026_analysis_plans.sql");
    let (_, statement) = migration.split_at(migration.find("insert into analysis_plans").unwrap());
    sqlx::query(statement).execute(&pool).await.unwrap();
    assert_eq!(present().await, noted);
    // Which the program reads.
    let answer = it.server.get(&format!("/api/experiments/{}/stats?at=2020-01-01T00:00:00Z", it.id)).await;
    assert_eq!(answer.expect(200)["experimentStatus"], "RUNNING");
}
