//! Publishing some experiments and leaving the others as they were published.

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::Server;

const PUBLISH: &str = "/api/environments/prod/publish";

fn rules(value: &str) -> Value {
    json!({"targetingRules": [{"conditions": [{"attribute": "a", "operator": "eq", "value": value}]}]})
}

/// The text of an experiment in a version's document.
async fn text(server: &Server, version: i64, key: &str) -> Option<String> {
    let document = server.get(&format!("/api/environments/prod/versions/{version}/snapshot")).await.text;
    let document: std::collections::BTreeMap<String, Box<serde_json::value::RawValue>> =
        serde_json::from_str(&document).unwrap();
    let experiments: Vec<Box<serde_json::value::RawValue>> =
        serde_json::from_str(document["experiments"].get()).unwrap();
    let named = format!("\"key\":\"{key}\",\"status\"");
    experiments.iter().map(|it| it.get().to_owned()).find(|it| it.contains(&named))
}

#[sqlx::test(migrations = "../migrations")]
async fn the_others_stay_byte_for_byte(pool: PgPool) {
    let server = Server::with_store(pool).await;
    for key in ["a", "b", "c"] {
        let id = server.running(key).await;
        server.patch(&format!("/api/experiments/{id}"), &json!({"clientSide": true})).await.expect(200);
    }
    server.post(PUBLISH, &json!({})).await.expect(200);
    for key in ["a", "b"] {
        server.patch(&format!("/api/experiments/prod:{key}"), &rules("x")).await.expect(200);
    }
    server.running("d").await;
    let body = json!({"weights": {"control": 30, "treatment": 70}});
    server.put("/api/experiments/prod:c/weights", &body).await.expect(200);
    // Without c nobody moves.
    let second = server.post(PUBLISH, &json!({"only": ["a", "d"]})).await.expect(200);
    let changes =
        json!([{"experimentKey": "a", "change": "changed"}, {"experimentKey": "d", "change": "added"}]);
    assert_eq!(second["changes"], changes);
    for key in ["b", "c"] {
        assert_eq!(text(&server, 2, key).await, text(&server, 1, key).await, "{key}");
    }
    assert_ne!(text(&server, 2, "a").await, text(&server, 1, "a").await);
    assert_eq!(text(&server, 1, "d").await, None);
    assert!(text(&server, 2, "d").await.is_some());
    let pointer = server.object("prod/client/version.json").await;
    let client = server.object(&format!("prod/client/{}", pointer["snapshot"].as_str().unwrap())).await;
    let keys: Vec<_> = client["experiments"].as_array().unwrap().iter().map(|it| it["key"].clone()).collect();
    assert_eq!(keys, ["a", "b", "c"]);
    // Again is the same version, and all of it at last is what the rows say.
    assert_eq!(server.post(PUBLISH, &json!({"only": ["d", "a"]})).await.expect(200)["version"], 2);
    let third = server.publish_knowingly().await;
    assert_eq!(third["changes"].as_array().unwrap().len(), 2);
}

#[sqlx::test(migrations = "../migrations")]
async fn one_that_is_listed_and_paused_is_taken_out(pool: PgPool) {
    let server = Server::with_store(pool).await;
    server.running("a").await;
    server.running("b").await;
    server.post(PUBLISH, &json!({})).await.expect(200);
    server.post("/api/experiments/prod:a/pause", &json!({})).await.expect(200);
    server.patch("/api/experiments/prod:b", &rules("x")).await.expect(200);
    let only = json!({"only": ["a"]});
    assert_eq!(server.post(PUBLISH, &only).await.code(409), "moves_users");
    let path = "/api/experiments/prod:b/publish?dryRun=true";
    let seen = server.post(path, &only).await.expect(200);
    let body = json!({"only": ["a"], "confirm": seen["confirm"]});
    let second = server.post(PUBLISH, &body).await.expect(200);
    assert_eq!(second["changes"], json!([{"experimentKey": "a", "change": "removed"}]));
    assert_eq!(text(&server, 2, "b").await, text(&server, 1, "b").await);
}

#[sqlx::test(migrations = "../migrations")]
async fn keys_that_name_nothing_are_refused(pool: PgPool) {
    let server = Server::with_store(pool).await;
    server.running("a").await;
    let faults = async |only: Value| server.post(PUBLISH, &json!({"only": only})).await.faults(422);
    let fault = |pointer: &str, code: &str| vec![(pointer.to_owned(), code.to_owned())];
    assert_eq!(faults(json!(["a", "nobody"])).await, fault("/only", "unknown_experiment"));
    assert_eq!(faults(json!(["a", "ä"])).await, fault("/only/1", "unknown_experiment"));
    assert_eq!(faults(json!([])).await, fault("/only", "empty"));
    assert_eq!(faults(json!("a")).await, fault("/only", "wrong_type"));
    // The first version may be of some only.
    server.running("b").await;
    let first = server.post(PUBLISH, &json!({"only": ["b"]})).await.expect(200);
    assert_eq!(first["changes"], json!([{"experimentKey": "b", "change": "added"}]));
}

fn in_segment(name: &str) -> Value {
    json!({"targetingRules": [{"conditions": [{"operator": "inSegment", "value": name}]}]})
}

#[sqlx::test(migrations = "../migrations")]
async fn a_segment_changes_for_all_that_lead_to_it_or_for_none(pool: PgPool) {
    let server = Server::with_store(pool).await;
    for key in ["a", "b", "c"] {
        server.running(key).await;
    }
    let plan =
        |value: &str| json!([{"conditions": [{"attribute": "plan", "operator": "eq", "value": value}]}]);
    let body = json!({"key": "beta", "environment": "prod", "rules": plan("beta")});
    server.post("/api/segments", &body).await.expect(201);
    for key in ["a", "b"] {
        server.patch(&format!("/api/experiments/prod:{key}"), &in_segment("beta")).await.expect(200);
    }
    server.publish_knowingly().await;
    server.patch("/api/segments/prod:beta", &json!({"rules": plan("pro")})).await.expect(200);
    assert_eq!(server.post(PUBLISH, &json!({"only": ["a"]})).await.code(409), "segment_shared");
    let path = format!("{PUBLISH}?dryRun=true");
    assert_eq!(server.post(&path, &json!({"only": ["a"]})).await.code(409), "segment_shared");
    // One that does not lead to it is published without it.
    server.patch("/api/experiments/prod:c", &rules("x")).await.expect(200);
    server.post(PUBLISH, &json!({"only": ["c"]})).await.expect(200);
    let segment = async |version: i64| {
        let path = format!("/api/environments/prod/versions/{version}/snapshot");
        let document = server.get(&path).await.expect(200);
        document["segments"]["beta"][0]["conditions"][0]["value"].clone()
    };
    assert_eq!(segment(2).await, "beta");
    let third = server.post(PUBLISH, &json!({"only": ["a", "b"]})).await.expect(200);
    assert_eq!((segment(3).await, &third["changes"][0]["experimentKey"]), (json!("pro"), &json!("a")));
}

#[sqlx::test(migrations = "../migrations")]
async fn a_slice_is_handed_over_by_both_or_by_none(pool: PgPool) {
    let server = Server::with_store(pool).await;
    server.running("z").await;
    let group = json!({"key": "g", "environment": "prod", "mode": "slices"});
    server.post("/api/groups", &group).await.expect(201);
    for (key, start) in [("a", 0), ("b", 5000)] {
        let body =
            json!({"key": key, "environment": "prod", "variants": crate::support::halves(), "groupKey": "g"});
        server.post("/api/experiments", &body).await.expect(201);
        let ranges = json!({"ranges": [{"rangeStart": start, "rangeEnd": start + 2499}]});
        server.put(&format!("/api/groups/prod:g/slices/{key}"), &ranges).await.expect(200);
        server.post(&format!("/api/experiments/prod:{key}/start"), &json!({})).await.expect(200);
    }
    server.publish_knowingly().await;
    let ranges = |start: u32, end: u32| json!({"ranges": [{"rangeStart": start, "rangeEnd": end}]});
    server.put("/api/groups/prod:g/slices/a", &ranges(0, 999)).await.expect(200);
    server.put("/api/groups/prod:g/slices/b", &ranges(1000, 7499)).await.expect(200);
    assert_eq!(server.post(PUBLISH, &json!({"only": ["b"]})).await.code(409), "group_shared");
    // Both together: a loses users, and its group says so.
    let diff = server.post(PUBLISH, &json!({"only": ["a", "b"]})).await.expect(409)["diff"].clone();
    assert_eq!(diff["experiments"][0]["layers"][0]["leaving"], 1500);
    let body = json!({"only": ["a", "b"], "confirm": diff["confirm"]});
    server.post(PUBLISH, &body).await.expect(200);
}
