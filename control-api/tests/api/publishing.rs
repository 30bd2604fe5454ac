//! Publishing, and what the store can do to it.

use axum::http::Method;
use lotwise_core::{BINARY_FORMAT, Snapshot};
use lotwise_dev::ConditionalWrites;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Server, eventually, redact};

const PUBLISH: &str = "/api/environments/prod/publish";

fn rules(value: &str) -> Value {
    json!({"targetingRules": [{"conditions": [{"attribute": "a", "operator": "eq", "value": value}]}]})
}

#[sqlx::test(migrations = "../migrations")]
async fn a_publish_reaches_the_store(pool: PgPool) {
    let server = Server::with_store(pool).await;
    let id = server.running("a").await;
    server.patch(&format!("/api/experiments/{id}"), &json!({"clientSide": true})).await.expect(200);
    server.running("b").await;
    let version = server.post(PUBLISH, &json!({"note": "first"})).await.expect(200);
    let mut shown = redact(version.clone());
    for place in ["sha256", "bytes"] {
        shown[place] = Value::Null;
        shown["client"][place] = Value::Null;
    }
    assert_eq!(
        shown,
        json!({
            "id": "[id]", "environmentId": "[environmentId]", "environment": "prod", "version": 1,
            "state": "published", "author": "admin-token", "note": "first", "sha256": null,
            "bytes": null, "client": {"sha256": null, "bytes": null},
            "changes": [
                {"experimentKey": "a", "change": "added"}, {"experimentKey": "b", "change": "added"},
            ],
            "warnings": [], "failure": null, "createdAt": "[createdAt]", "finishedAt": "[finishedAt]",
            "rolledBackTo": null,
        })
    );
    for (folder, digest, keys) in
        [("prod/", &version, vec!["a", "b"]), ("prod/client/", &version["client"], vec!["a"])]
    {
        let pointer = server.object(&format!("{folder}version.json")).await;
        let sha256 = digest["sha256"].as_str().unwrap();
        let snapshot = format!("snapshots/1-{}.json", &sha256[..16]);
        assert_eq!(
            pointer,
            json!({
                "schema_version": 1, "environment": "prod", "version": 1, "snapshot": snapshot,
                "sha256": sha256, "bytes": digest["bytes"], "published_at": pointer["published_at"],
                "binary": pointer["binary"],
            })
        );
        let document = server.object(&format!("{folder}{snapshot}")).await;
        assert_eq!(document["published_at"], pointer["published_at"]);
        let experiments = document["experiments"].as_array().unwrap();
        let found: Vec<_> = experiments.iter().map(|it| it["key"].as_str().unwrap()).collect();
        assert_eq!(found, keys);
        let named = &pointer["binary"];
        let binary = server.objects().bytes(&format!("{folder}{}", named["path"].as_str().unwrap())).await;
        assert_eq!((&named["format"], &named["bytes"]), (&json!(BINARY_FORMAT), &json!(binary.len())));
        let restored = Snapshot::from_binary(&binary).unwrap();
        let found: Vec<_> = restored.experiments().map(|it| restored.experiment_key(it)).collect();
        assert_eq!((restored.environment(), restored.version(), found), ("prod", 1, keys));
    }
    let path = "/api/environments/prod/versions";
    assert_eq!(server.get(&format!("{path}/1")).await.expect(200), version);
    assert_eq!(server.get(path).await.expect(200), json!({"items": [version], "nextCursor": null}));
    let stored = server.get(&format!("{path}/1/snapshot")).await;
    assert_eq!(json!(stored.text.len()), version["bytes"]);
    assert_eq!(server.get(&format!("{path}/2")).await.code(404), "not_found");
    assert_eq!(server.get(&format!("{path}/x")).await.code(404), "not_found");
}

#[sqlx::test(migrations = "../migrations")]
async fn the_same_content_is_the_same_version(pool: PgPool) {
    let server = Server::with_store(pool).await;
    let id = server.running("a").await;
    let first = server.post(PUBLISH, &json!({})).await.expect(200);
    let again = server.send(Method::POST, PUBLISH, None, &[]).await.expect(200);
    assert_eq!(again, first);
    let path = format!("/api/experiments/{id}");
    server.patch(&path, &rules("x")).await.expect(200);
    let second = server.post(&format!("{path}/publish"), &json!({})).await.expect(200);
    assert_eq!(
        (&second["version"], &second["changes"]),
        (&json!(2), &json!([{"experimentKey": "a", "change": "changed"}]))
    );
    server.post(&format!("{path}/pause"), &json!({})).await.expect(200);
    let third = server.publish_knowingly().await;
    assert_eq!(third["changes"], json!([{"experimentKey": "a", "change": "removed"}]));
}

#[sqlx::test(migrations = "../migrations")]
async fn nothing_to_publish_is_a_conflict(pool: PgPool) {
    let server = Server::with_store(pool).await;
    assert_eq!(server.post(PUBLISH, &json!({})).await.code(404), "not_found");
    server.post("/api/experiments", &json!({"key": "a"})).await.expect(201);
    let path = "/api/environments/default/publish";
    assert_eq!(server.post(path, &json!({})).await.code(409), "nothing_to_publish");
    let path = "/api/experiments/default:a/publish";
    assert_eq!(server.post(path, &json!({})).await.code(409), "nothing_to_publish");
    assert_eq!(server.post(&format!("{path}?dryRun=true"), &json!({})).await.code(409), "nothing_to_publish");
    assert_eq!(server.post(&format!("{path}?dryRun=1"), &json!({})).await.code(400), "invalid_parameter");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_store_that_is_away_changes_nothing(pool: PgPool) {
    let server = Server::with_store(pool).await;
    server.running("a").await;
    if server.objects().faults().is_none() {
        return;
    }
    server.objects().stop().await;
    let answer = server.post(PUBLISH, &json!({})).await;
    assert_eq!(answer.code(503), "store_unavailable");
    assert_eq!(answer.headers["retry-after"], "1");
    let versions = "/api/environments/prod/versions";
    assert_eq!(server.get(versions).await.expect(200)["items"], json!([]));
    server.objects().restart().await;
    assert_eq!(server.post(PUBLISH, &json!({})).await.expect(200)["version"], 1);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_publish_that_is_interrupted_goes_on(pool: PgPool) {
    let server = Server::with_store(pool).await;
    let id = server.running("a").await;
    server.post(PUBLISH, &json!({})).await.expect(200);
    server.patch(&format!("/api/experiments/{id}"), &rules("x")).await.expect(200);
    let Some(faults) = server.objects().faults() else { return };
    faults.fail_writes(Some(503));
    let pending = server.post(PUBLISH, &json!({})).await.expect(202);
    assert_eq!((&pending["version"], &pending["state"]), (&json!(2), &json!("pending")));
    assert_eq!(server.object("prod/version.json").await["version"], 1);
    faults.fail_writes(None);
    eventually("the second version", async || {
        let version = server.get("/api/environments/prod/versions/2").await.expect(200);
        version["state"] == "published"
    })
    .await;
    assert_eq!(server.object("prod/version.json").await["version"], 2);
    assert_eq!(server.object("prod/client/version.json").await["version"], 2);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_store_without_conditional_writes_is_refused(pool: PgPool) {
    for behaviour in [ConditionalWrites::Ignored, ConditionalWrites::Refused] {
        let server = Server::with_store(pool.clone()).await;
        server.running(&format!("a-{behaviour:?}")).await;
        let Some(faults) = server.objects().faults() else { return };
        faults.on_conditional_writes(behaviour);
        assert_eq!(server.post(PUBLISH, &json!({})).await.code(503), "store_unconditional");
        assert_eq!(server.get("/api/environments/prod/versions").await.expect(200)["items"], json!([]));
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_restored_database_does_not_fall_behind(pool: PgPool) {
    let server = Server::with_store(pool.clone()).await;
    server.running("a").await;
    server.post(PUBLISH, &json!({})).await.expect(200);
    sqlx::query("delete from versions").execute(&pool).await.unwrap();
    let version = server.post(PUBLISH, &json!({})).await.expect(200);
    assert_eq!(version["version"], 2);
    assert_eq!(server.object("prod/version.json").await["version"], 2);
}

#[sqlx::test(migrations = "../migrations")]
async fn two_replicas_get_consecutive_versions(pool: PgPool) {
    let one = Server::with_store(pool.clone()).await;
    let other = one.replica(pool);
    let mine = one.running("mine").await;
    let theirs = one.running("theirs").await;
    let change = async |server: &Server, id: &str, round: usize| {
        server.patch(&format!("/api/experiments/{id}"), &rules(&round.to_string())).await.expect(200);
        server.post(PUBLISH, &json!({})).await.expect(200)["version"].as_i64().unwrap()
    };
    let mut newest = 0;
    for round in 0..6 {
        let (first, second) = tokio::join!(change(&one, &mine, round), change(&other, &theirs, round));
        newest = first.max(second);
    }
    let list = one.get("/api/environments/prod/versions?limit=200").await.expect(200);
    let mut published: Vec<_> = list["items"].as_array().unwrap().clone();
    published.reverse();
    let numbers: Vec<_> = published.iter().map(|it| it["version"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (1..=newest).collect::<Vec<_>>());
    assert!(published.iter().all(|it| it["state"] == "published"));
    let pointer = one.object("prod/version.json").await;
    assert_eq!(pointer["version"], newest);
    let snapshot = one.object(&format!("prod/{}", pointer["snapshot"].as_str().unwrap())).await;
    for experiment in snapshot["experiments"].as_array().unwrap() {
        assert_eq!(experiment["targeting_rules"][0]["conditions"][0]["value"], "5");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn regular_expressions_are_announced(pool: PgPool) {
    let server = Server::with_store(pool).await;
    let id = server.running("a").await;
    server.running("b").await;
    let body = json!({"rules": [{"variant": "control", "conditions": [
        {"attribute": "email", "operator": "matches", "value": "@example\\.com$"},
    ]}]});
    server.patch(&format!("/api/experiments/{id}"), &body).await.expect(200);
    server.post(PUBLISH, &json!({})).await.expect(200);
    let pointer = server.object("prod/version.json").await;
    let snapshot = server.object(&format!("prod/{}", pointer["snapshot"].as_str().unwrap())).await;
    assert_eq!(snapshot["features"], json!(["regex"]));
    assert_eq!(snapshot["experiments"][0]["requires"], json!(["regex"]));
    assert_eq!(snapshot["experiments"][1].get("requires"), None);
    let pointer = server.object("prod/client/version.json").await;
    let snapshot = server.object(&format!("prod/client/{}", pointer["snapshot"].as_str().unwrap())).await;
    assert_eq!((&snapshot["experiments"], snapshot.get("features")), (&json!([]), None));
}

#[sqlx::test(migrations = "../migrations")]
async fn objects_say_what_they_are_and_how_long_they_last(pool: PgPool) {
    let server = Server::with_store(pool).await;
    server.running("a").await;
    server.post(PUBLISH, &json!({})).await.expect(200);
    let pointer = server.object("prod/version.json").await;
    let forever = "public, max-age=31536000, immutable";
    for (key, content_type, cache) in [
        ("version.json", "application/json", "public, max-age=1, must-revalidate"),
        (pointer["snapshot"].as_str().unwrap(), "application/json", forever),
        (pointer["binary"]["path"].as_str().unwrap(), "application/octet-stream", forever),
    ] {
        let answer = server.objects().get(&format!("prod/{key}")).await;
        assert_eq!(answer.content_type(), Some(content_type), "{key}");
        assert_eq!(answer.cache_control(), Some(cache), "{key}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_pointer_that_is_not_ours_stops_a_publish(pool: PgPool) {
    let server = Server::with_store(pool).await;
    server.running("a").await;
    let Some(faults) = server.objects().faults() else { return };
    faults.replace("prod/version.json", "<html>");
    let answer = server.post(PUBLISH, &json!({})).await;
    assert_eq!(answer.code(409), "store_conflict");
    assert_eq!(server.get("/api/environments/prod/versions").await.expect(200)["items"], json!([]));
}

/// Another release began to carry the version, and wrote its snapshot in another format.
#[sqlx::test(migrations = "../migrations")]
async fn a_pointer_with_another_binary_form_is_where_it_should_be(pool: PgPool) {
    let server = Server::with_store(pool).await;
    let id = server.running("a").await;
    server.post(PUBLISH, &json!({})).await.expect(200);
    server.patch(&format!("/api/experiments/{id}"), &rules("x")).await.expect(200);
    let Some(faults) = server.objects().faults() else { return };
    let first = server.object("prod/version.json").await;
    faults.fail_writes(Some(503));
    let version = server.post(PUBLISH, &json!({})).await.expect(202);
    let document = server.get("/api/environments/prod/versions/2/snapshot").await.expect(200);
    for (folder, digest) in [("prod/", &version), ("prod/client/", &version["client"])] {
        let sha256 = digest["sha256"].as_str().unwrap();
        let pointer = json!({
            "schema_version": 1, "environment": "prod", "version": 2,
            "snapshot": format!("snapshots/2-{}.json", &sha256[..16]), "sha256": sha256,
            "bytes": digest["bytes"], "published_at": document["published_at"], "binary": {"format": "other"},
        });
        faults.replace(&format!("{folder}version.json"), pointer.to_string());
    }
    faults.fail_writes(None);
    eventually("the end of the second version", async || {
        server.get("/api/environments/prod/versions/2").await.expect(200)["state"] == "published"
    })
    .await;
    faults.clear();
    assert_eq!(server.object("prod/version.json").await, first, "it was not written again");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_version_that_another_database_overtook_fails(pool: PgPool) {
    let server = Server::with_store(pool).await;
    let id = server.running("a").await;
    server.post(PUBLISH, &json!({})).await.expect(200);
    server.patch(&format!("/api/experiments/{id}"), &rules("x")).await.expect(200);
    let Some(faults) = server.objects().faults() else { return };
    let pointer = server.object("prod/version.json").await;
    faults.fail_writes(Some(503));
    server.post(PUBLISH, &json!({})).await.expect(202);
    let mut overtaken = pointer.clone();
    overtaken["version"] = json!(7);
    faults.replace("prod/version.json", overtaken.to_string());
    faults.replace("prod/client/version.json", overtaken.to_string());
    faults.fail_writes(None);
    eventually("the end of the second version", async || {
        let version = server.get("/api/environments/prod/versions/2").await.expect(200);
        version["state"] == "failed" && version["failure"].as_str().unwrap().contains("version 7")
    })
    .await;
    faults.clear();
    assert_eq!(server.object("prod/version.json").await, pointer);
}

#[sqlx::test(migrations = "../migrations")]
async fn pages_do_not_see_what_servers_never_will(pool: PgPool) {
    let server = Server::with_store(pool).await;
    let id = server.running("a").await;
    server.post(PUBLISH, &json!({})).await.expect(200);
    server.patch(&format!("/api/experiments/{id}"), &rules("x")).await.expect(200);
    let Some(faults) = server.objects().faults() else { return };
    let (full, client) =
        (server.object("prod/version.json").await, server.object("prod/client/version.json").await);
    faults.fail_writes(Some(503));
    server.post(PUBLISH, &json!({})).await.expect(202);
    let mut overtaken = full.clone();
    overtaken["version"] = json!(7);
    faults.replace("prod/version.json", overtaken.to_string());
    faults.fail_writes(None);
    eventually("the end of the second version", async || {
        let version = server.get("/api/environments/prod/versions/2").await.expect(200);
        version["state"] == "failed"
    })
    .await;
    faults.clear();
    assert_eq!(server.object("prod/version.json").await, full);
    assert_eq!(server.object("prod/client/version.json").await, client);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_store_that_refuses_fails_the_version_and_frees_the_way(pool: PgPool) {
    let server = Server::with_store(pool).await;
    let id = server.running("a").await;
    server.post(PUBLISH, &json!({})).await.expect(200);
    server.patch(&format!("/api/experiments/{id}"), &rules("x")).await.expect(200);
    let Some(faults) = server.objects().faults() else { return };
    faults.fail_writes(Some(403));
    assert_eq!(server.post(PUBLISH, &json!({})).await.code(409), "publish_failed");
    let failed = server.get("/api/environments/prod/versions/2").await.expect(200);
    let failure = failed["failure"].as_str().unwrap();
    assert_eq!(failed["state"], "failed");
    assert!(failure.contains("refuses the publisher (403"), "{failure}");
    assert!(!failure.contains("http"), "{failure}");
    faults.fail_writes(None);
    let next = server.post(PUBLISH, &json!({})).await.expect(200);
    assert_eq!((&next["version"], &next["state"]), (&json!(3), &json!("published")));
    assert_eq!(server.object("prod/client/version.json").await["version"], 3);
}
