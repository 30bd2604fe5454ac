//! The first steps of every user, as far as they are this role's.

use serde_json::json;
use sqlx::PgPool;

use crate::support::Server;

#[sqlx::test(migrations = "../migrations")]
async fn the_walkthrough_publishes_what_it_describes(pool: PgPool) {
    let server = Server::with_store(pool).await;
    let prod = server.post("/api/environments", &json!({"name": "prod"})).await.expect(201);
    let body = json!({
        "key": "checkout-button-color", "name": "Checkout button color",
        "description": "Which color sells?", "environmentId": prod["id"],
    });
    let made = server.post("/api/experiments", &body).await.expect(201);
    let path = format!("/api/experiments/{}", made["id"].as_str().unwrap());
    let mut ids = Vec::new();
    for (key, color) in [("control", "#0066cc"), ("treatment", "#00cc66")] {
        let body = json!({"key": key, "name": key, "payload": {"color": color}});
        let variant = server.post(&format!("{path}/variants"), &body).await.expect(201);
        ids.push(variant["id"].clone());
    }
    let body = json!({"allocations": [
        {"variantId": ids[0], "rangeStart": 0, "rangeEnd": 4999},
        {"variantId": ids[1], "rangeStart": 5000, "rangeEnd": 9999},
    ]});
    server.put(&format!("{path}/allocations"), &body).await.expect(200);
    server.patch(&format!("{path}/status"), &json!({"status": "RUNNING"})).await.expect(200);
    let version = server.post(&format!("{path}/publish"), &json!({})).await.expect(200);
    assert_eq!((&version["version"], &version["state"]), (&json!(1), &json!("published")));

    let rules = json!({"targetingRules": [{"conditions": [
        {"attribute": "country", "operator": "in", "value": ["US", "CA"]},
        {"attribute": "plan", "operator": "eq", "value": "pro"},
    ]}]});
    server.patch(&path, &rules).await.expect(200);
    server.post(&format!("{path}/publish"), &json!({})).await.expect(200);
    let pointer = server.object("prod/version.json").await;
    assert_eq!(pointer["version"], 2);
    let snapshot = server.object(&format!("prod/{}", pointer["snapshot"].as_str().unwrap())).await;
    let variant = |index: usize, key: &str, color: &str| json!({"id": ids[index], "key": key, "payload": {"color": color}});
    assert_eq!(
        snapshot,
        json!({
            "schema_version": 1, "environment": "prod", "version": 2,
            "published_at": pointer["published_at"],
            "experiments": [{
                "id": made["id"], "key": "checkout-button-color", "status": "RUNNING",
                "salt": made["salt"], "hash": "murmur3", "bucket_by": "user_key", "sticky": false,
                "variants": [variant(0, "control", "#0066cc"), variant(1, "treatment", "#00cc66")],
                "allocations": [
                    {"variant": "control", "range_start": 0, "range_end": 4999},
                    {"variant": "treatment", "range_start": 5000, "range_end": 9999},
                ],
                "targeting_rules": rules["targetingRules"],
                "winner": null,
            }],
        })
    );
}
