//! Assign, track, stats: from an experiment made in one call to its verdict.

use serde_json::{Value, json};
use sqlx::PgPool;

use super::fixture::Random;
use crate::support::Server;

/// Makes the experiment of the walkthrough, assigns 5,000 users and tracks what they do; its results.
async fn run(pool: PgPool, key: &str, rates: [f64; 2], seed: u64) -> Value {
    let server = Server::new(pool);
    let body = json!({
        "key": key, "hypothesis": "A green button sells more.",
        "variants": [
            {"name": "control", "config": {"color": "blue"}, "allocation": 0.5},
            {"name": "treatment", "config": {"color": "green"}, "allocation": 0.5},
        ],
        "metrics": ["page_view", "click", "conversion"], "targetSampleSize": 1000,
        "significanceLevel": 0.05, "trafficAllocation": 0.2, "minimumDays": 0,
    });
    let made = server.post("/api/experiments", &body).await.expect(201);
    assert_eq!(made["primaryMetric"], "conversion");
    let path = format!("/api/experiments/{}", made["id"].as_str().unwrap());
    server.post(&format!("{path}/start"), &json!({})).await.expect(200);
    let mut random = Random(seed);
    let mut admitted = 0;
    for first in (0..5_000_u64).step_by(1_000) {
        let users: Vec<Value> =
            (first..first + 1_000).map(|user| json!({"user_key": format!("{key}-{user}")})).collect();
        let answers = server.post(&format!("{path}/assign/bulk"), &json!({"users": users})).await.expect(200);
        for answer in answers["assignments"].as_array().unwrap() {
            let Some(variant) = answer["variant"].as_str() else { continue };
            admitted += 1;
            let rate = rates[usize::from(variant == "treatment")];
            let user = format!("{key}-{}", first + answer["index"].as_u64().unwrap());
            let mut names = vec!["page_view"];
            if random.unit() < rate {
                names.push("conversion");
            }
            for name in names {
                let body = json!({"user_id": user, "event_name": name, "value": 1});
                let tracked = server.post(&format!("{path}/track"), &body).await;
                assert!(tracked.status.is_success(), "{}", tracked.text);
            }
        }
    }
    assert!((800..1200).contains(&admitted), "about a fifth: {admitted}");
    server.get(&format!("{path}/stats")).await.expect(200)
}

#[sqlx::test(migrations = "../migrations")]
async fn a_better_variant_is_shipped(pool: PgPool) {
    // A hundred conversions at least: with fewer than 50 a variant is warming up and there is no verdict.
    let stats = run(pool, "button", [0.2, 0.45], 1).await;
    assert_eq!(stats["verdict"]["decision"], "ship", "{stats}");
    assert_eq!(stats["verdict"]["recommendedVariant"], "treatment");
    assert_eq!(stats["srm"]["alarm"], false);
}

#[sqlx::test(migrations = "../migrations")]
async fn of_two_alike_neither_is_shipped_nor_rolled_back(pool: PgPool) {
    let stats = run(pool, "alike", [0.15, 0.15], 2).await;
    let decision = stats["verdict"]["decision"].as_str().unwrap();
    assert!(!["ship", "rollback", "invalid"].contains(&decision), "{stats}");
}
