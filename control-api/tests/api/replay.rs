//! `lotwise replay` and `lotwise explain --snapshot`, as processes.

use lotwise_core::{Context, Evaluation, Scratch, Snapshot, Subject};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::program::{database, run};
use crate::support::Server;

/// Success and what was written, of a program that is given these lines.
async fn replay(pool: &PgPool, lines: &[Value]) -> (bool, String) {
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    of_database(pool, &["replay", "--file", "-"], &(lines.join("\n") + "\n")).await
}

async fn of_database(pool: &PgPool, arguments: &[&str], input: &str) -> (bool, String) {
    let output = run(arguments, &[("DATABASE_URL", &database(pool))], input).await;
    (output.success, output.text)
}

/// What users were exposed to by a version, as hosts record it.
async fn exposures(server: &Server, version: i64, users: std::ops::Range<u32>) -> Vec<Value> {
    let path = format!("/api/environments/prod/versions/{version}");
    let sha256 = server.get(&path).await.expect(200)["sha256"].clone();
    let document = server.get(&format!("{path}/snapshot")).await.text;
    let snapshot = Snapshot::load(document.as_bytes()).unwrap();
    let mut scratch = Scratch::new();
    let mut recorded = Vec::new();
    for user in users {
        let (user_key, plan) = (format!("user-{user}"), if user % 3 == 0 { "free" } else { "pro" });
        let context = json!({"plan": plan});
        let text = context.to_string();
        let subject = Context::from_json(&text).unwrap();
        let subject = Subject::new(&user_key, &subject).unwrap();
        let mut evaluation = Evaluation::new(&snapshot, &subject, &mut scratch);
        for experiment in snapshot.experiments() {
            let decision = evaluation.decide(experiment);
            let Some(variant) = snapshot.variant(decision) else { continue };
            recorded.push(json!({
                "id": uuid::Uuid::now_v7(), "type": "exposure", "environment": "prod", "user_key": user_key,
                "experiment_key": snapshot.experiment_key(experiment), "variant_key": variant.key,
                "reason": decision.reason.name(), "config_version": version, "snapshot_sha256": sha256,
                "context": context,
            }));
        }
    }
    recorded
}

async fn two_versions(server: &Server) -> Vec<Value> {
    server.running("a").await;
    server.running("b").await;
    server.publish_knowingly().await;
    let rules = json!({"targetingRules": [{"conditions": [{"attribute": "plan", "operator": "eq", "value": "pro"}]}]});
    server.patch("/api/experiments/prod:a", &rules).await.expect(200);
    let body = json!({"weights": {"control": 10, "treatment": 90}});
    server.put("/api/experiments/prod:b/weights", &body).await.expect(200);
    server.publish_knowingly().await;
    let mut recorded = exposures(server, 1, 0..300).await;
    recorded.extend(exposures(server, 2, 0..300).await);
    recorded
}

#[sqlx::test(migrations = "../migrations")]
async fn every_exposure_comes_out_as_it_was_recorded(pool: PgPool) {
    let server = Server::with_store(pool.clone()).await;
    let mut recorded = two_versions(&server).await;
    let count = recorded.len();
    recorded.push(json!({"type": "track", "event_name": "purchase"}));
    let (success, report) = replay(&pool, &recorded).await;
    assert!(success, "{report}");
    assert!(
        report.ends_with(&format!("1 events are no exposures\n{count} replayed, 0 mismatches\n")),
        "{report}"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn a_forged_exposure_is_found(pool: PgPool) {
    let server = Server::with_store(pool.clone()).await;
    let mut recorded = two_versions(&server).await;
    let other = if recorded[7]["variant_key"] == "control" { "treatment" } else { "control" };
    recorded[7]["variant_key"] = json!(other);
    recorded[8]["reason"] = json!("STICKY");
    let (success, report) = replay(&pool, &recorded).await;
    assert!(!success);
    assert_eq!(report.matches("mismatch: ").count(), 2, "{report}");
    assert!(report.contains("mismatch: line 8 "), "{report}");
    assert!(report.ends_with(&format!("{} replayed, 2 mismatches\n", recorded.len())), "{report}");
}

#[sqlx::test(migrations = "../migrations")]
async fn what_cannot_be_replayed_is_a_failure(pool: PgPool) {
    let server = Server::with_store(pool.clone()).await;
    let recorded = two_versions(&server).await;
    let change = |field: &str, value: Value| {
        let mut line = recorded[0].clone();
        line[field] = value;
        line
    };
    let mut by_number = change("snapshot_sha256", Value::Null);
    by_number["config_version"] = json!(7);
    let mut by_nothing = change("snapshot_sha256", Value::Null);
    by_nothing["config_version"] = Value::Null;
    let lines = [
        change("config_version", json!(2)),
        by_number,
        by_nothing,
        change("experiment_key", json!("nobody")),
        change("environment", json!("nowhere")),
        change("user_key", json!(7)),
        change("context", json!([])),
    ];
    let (success, report) = replay(&pool, &lines).await;
    assert!(!success);
    for cause in [
        "is of version 1, not of 2",
        "no version 7",
        "says by what",
        "no experiment nobody",
        "no environment nowhere",
        "malformed event",
        "JSON object",
    ] {
        assert!(report.contains(cause), "{cause}: {report}");
    }
    assert!(report.ends_with("7 could not be replayed\n0 replayed, 0 mismatches\n"), "{report}");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_document_explains_without_a_server(pool: PgPool) {
    let server = Server::with_store(pool).await;
    server.running("a").await;
    server.publish_knowingly().await;
    let body = json!({"environment": "prod", "user_key": "user-1"});
    let online = server.post("/api/explain", &body).await.expect(200);
    let document = server.get("/api/environments/prod/versions/1/snapshot").await.text;
    let file = std::env::temp_dir().join(format!("lotwise-{}.json", uuid::Uuid::now_v7()));
    std::fs::write(&file, document).unwrap();
    let name = file.to_string_lossy().into_owned();
    let output = run(&["explain", "--snapshot", &name, "--user-key", "user-1"], &[], "").await;
    std::fs::remove_file(&file).unwrap();
    assert!(output.success, "{}", output.said);
    assert_eq!(serde_json::from_str::<Value>(&output.text).unwrap(), online);
}

/// Assigns some users, which records an exposure of each.
async fn assign(server: &Server, users: std::ops::Range<u32>) {
    for user in users {
        let body = json!({"user_key": format!("user-{user}"), "context": {"plan": "pro"}});
        server.post("/api/experiments/prod:a/assign", &body).await.expect(200);
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn what_assign_gave_is_replayed_from_the_database_by_its_own_documents(pool: PgPool) {
    let server = Server::with_store(pool.clone()).await;
    server.running("a").await;
    assign(&server, 0..10).await;
    let body = json!({"weights": {"control": 1, "treatment": 9}});
    server.put("/api/experiments/prod:a/weights", &body).await.expect(200);
    assign(&server, 5..15).await;
    let from_database = async || of_database(&pool, &["replay", "--environment", "prod"], "").await;
    assert_eq!(from_database().await, (true, "20 replayed, 0 mismatches\n".to_owned()));

    let forged: uuid::Uuid = sqlx::query_scalar(
        "update exposures set variant_id = (select id from variants where id <> variant_id limit 1) \
         where id = (select id from exposures order by batch limit 1) returning id",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    let (success, report) = from_database().await;
    assert!(!success && report.contains(&format!("mismatch: {forged} ")), "{report}");
    sqlx::query("update exposures set snapshot_sha256 = decode(repeat('00', 32), 'hex') where id = $1")
        .bind(forged)
        .execute(&pool)
        .await
        .unwrap();
    let (success, report) = from_database().await;
    assert!(!success && report.contains("no document has the digest 0000"), "{report}");
    assert!(report.ends_with("1 could not be replayed\n19 replayed, 0 mismatches\n"), "{report}");

    // A decision of assign is explained by the document that it was made on.
    let sha256: String = sqlx::query_scalar(
        "select encode(snapshot_sha256, 'hex') from exposures where id <> $1 order by batch limit 1",
    )
    .bind(forged)
    .fetch_one(&pool)
    .await
    .unwrap();
    let body = json!({"environment": "prod", "user_key": "user-1", "snapshot_sha256": sha256});
    let explained = server.post("/api/explain", &body).await.expect(200);
    assert_eq!(
        (&explained["config_version"], &explained["decisions"][0]["reason"]),
        (&Value::Null, &json!("SPLIT"))
    );
    let unknown = json!({"environment": "prod", "user_key": "user-1", "snapshot_sha256": "0".repeat(64)});
    assert_eq!(server.post("/api/explain", &unknown).await.code(404), "not_found");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_dry_run_goes_through_recent_exposures_and_what_users_are_assigned(pool: PgPool) {
    let server = Server::with_store(pool).await;
    server.running("a").await;
    server.publish_knowingly().await;
    assign(&server, 0..20).await;
    let rules = json!({"targetingRules": [{"conditions": [{"attribute": "plan", "operator": "eq", "value": "free"}]}]});
    server.patch("/api/experiments/prod:a", &rules).await.expect(200);
    let path = "/api/environments/prod/publish?dryRun=true";
    let seen = server.post(path, &json!({"sample": "exposures"})).await.expect(200);
    let impact = &seen["sample"]["experiments"][0];
    // Who was assigned stays in, whatever targeting says.
    assert_eq!(
        (&seen["sample"]["subjects"], &impact["staying"], &impact["leaving"]),
        (&json!(20), &json!(20), &json!(0))
    );
}
