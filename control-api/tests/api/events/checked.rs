//! Exposures are decided again at the version that they name.

use lotwise_control::ingest::{Ingest, IngestSettings};
use lotwise_control::router::control_router;
use lotwise_core::{Context, Evaluation, Scratch, Snapshot, Subject};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{count, exposure, post};
use crate::support::{Answer, Server};

const QUALITY: &str = "/api/experiments/prod:button/exposures/quality";

/// `button` runs for New Zealand with an override and a rule, and is published; the version record.
async fn published(server: &Server) -> Value {
    server.running("button").await;
    let change = json!({
        "clientSide": true,
        "targetingRules": [{"conditions": [{"attribute": "country", "operator": "eq", "value": "NZ"}]}],
        "rules": [{"variant": "treatment", "conditions": [{"attribute": "staff", "operator": "eq", "value": true}]}],
    });
    server.patch("/api/experiments/prod:button", &change).await.expect(200);
    server.post("/api/environments/prod/publish", &json!({})).await.expect(200)
}

/// What the published document gives a user of New Zealand.
async fn variant_of(server: &Server, user: &str) -> String {
    let pointer = server.object("prod/version.json").await;
    let document = server.object(&format!("prod/{}", pointer["snapshot"].as_str().unwrap())).await;
    let snapshot = Snapshot::load(document.to_string().as_bytes()).unwrap();
    let context = Context::from_json(r#"{"country":"NZ"}"#).unwrap();
    let subject = Subject::new(user, &context).unwrap();
    let mut scratch = Scratch::new();
    let decision =
        Evaluation::new(&snapshot, &subject, &mut scratch).decide(snapshot.experiment("button").unwrap());
    snapshot.variant(decision).unwrap().key.to_owned()
}

fn other(variant: &str) -> &'static str {
    if variant == "control" { "treatment" } else { "control" }
}

#[track_caller]
fn quarantined(answer: &Answer) -> Value {
    answer.expect(200)["quarantinedByReason"].clone()
}

#[sqlx::test(migrations = "../migrations")]
async fn what_does_not_match_is_quarantined_by_reason_and_kept(pool: PgPool) {
    let server = Server::with_store(pool.clone()).await;
    let version = published(&server).await;
    let sha256 = version["sha256"].as_str().unwrap().to_owned();
    let given = variant_of(&server, "u").await;
    let nz = json!({"country": "NZ"});
    let staff = json!({"country": "NZ", "staff": true});
    let at = |members: Value| {
        let mut event = exposure(
            json!({"variant_key": given, "config_version": 1, "snapshot_sha256": sha256, "context": nz}),
        );
        for (name, value) in members.as_object().unwrap() {
            event[name] = value.clone();
        }
        event
    };
    let pages = server.object("prod/client/version.json").await["sha256"].clone();
    let right = [
        at(json!({})),
        at(json!({"snapshot_sha256": null})),
        at(json!({"config_version": null})),
        at(json!({"snapshot_sha256": pages})),
        at(json!({"reason": "STICKY", "variant_key": other(&given), "sticky": {"button": other(&given)}})),
        at(json!({"reason": "RULE", "variant_key": "treatment", "context": staff})),
        // Nothing to compare with.
        at(json!({"config_version": null, "snapshot_sha256": null, "variant_key": other(&given)})),
    ];
    let wrong = [
        (at(json!({"variant_key": other(&given)})), "wrong_variant"),
        (at(json!({"context": {"country": "AU"}})), "not_eligible"),
        (at(json!({"context": null})), "not_eligible"),
        (at(json!({"snapshot_sha256": "00".repeat(32)})), "unknown_digest"),
        (at(json!({"config_version": 99, "snapshot_sha256": null})), "unknown_version"),
        // What a rule gave must not pass for a part of the experiment.
        (at(json!({"variant_key": "treatment", "context": staff})), "wrong_reason"),
    ];
    let mut batch = right.to_vec();
    batch.extend(wrong.iter().map(|(event, _)| event.clone()));
    assert_eq!(post(&server, &batch).await.expect(202)["accepted"], 13);
    let quality = server.get(QUALITY).await;
    assert_eq!(
        quarantined(&quality),
        json!({"wrong_variant": 1, "not_eligible": 2, "unknown_digest": 1, "unknown_version": 1, "wrong_reason": 1})
    );
    let quality = quality.expect(200);
    assert_eq!(
        (&quality["exposures"], &quality["checked"], &quality["unnamed"]),
        (&json!(13), &json!(12), &json!(1))
    );
    assert_eq!(
        (&quality["counted"], &quality["unverified"], &quality["quarantined"]),
        (&json!(12), &json!(13), &json!(6))
    );
    assert_eq!(count(&pool, "select count(*) from exposures").await, 13, "all are kept");
    let found: (String, String) = sqlx::query_as(
        "select expected_variant, expected_reason from exposure_quarantine where reason = 'wrong_variant'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(found, (given.clone(), "SPLIT".to_owned()));
    // Again, with what came before and something new: each is counted once.
    batch.push(at(json!({"variant_key": other(&given)})));
    post(&server, &batch).await.expect(202);
    let again = server.get(QUALITY).await;
    assert_eq!(quarantined(&again)["wrong_variant"], 2);
    assert_eq!(again.expect(200)["exposures"], 14);
}

#[sqlx::test(migrations = "../migrations")]
async fn an_exposure_is_checked_at_its_own_version_whatever_came_later(pool: PgPool) {
    let server = Server::with_store(pool.clone()).await;
    published(&server).await;
    let given = variant_of(&server, "u").await;
    let all = json!({"targetingRules": []});
    server.patch("/api/experiments/prod:button", &all).await.expect(200);
    server.post("/api/environments/prod/publish", &json!({})).await.expect(200);
    let at = |version: i64| exposure(json!({"variant_key": given, "config_version": version}));
    post(&server, &[at(1), at(2)]).await.expect(202);
    assert_eq!(quarantined(&server.get(QUALITY).await), json!({"not_eligible": 1}));
}

#[sqlx::test(migrations = "../migrations")]
async fn overrides_and_rules_are_marked_so_that_they_count_nowhere(pool: PgPool) {
    let server = Server::new(pool.clone());
    server.running("button").await;
    let batch = [
        exposure(json!({})),
        exposure(json!({"reason": "STICKY"})),
        exposure(json!({"reason": null})),
        exposure(json!({"reason": "OVERRIDE"})),
        exposure(json!({"reason": "RULE"})),
        exposure(json!({"is_override": true})),
        exposure(json!({"reason": null, "is_override": true})),
    ];
    post(&server, &batch).await.expect(202);
    assert_eq!(count(&pool, "select count(*) from exposures where counts").await, 3);
    assert_eq!(count(&pool, "select count(*) from exposures where is_override").await, 3);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_sample_of_nothing_checks_nothing_and_counts_all(pool: PgPool) {
    let mut server = Server::with_store(pool.clone()).await;
    published(&server).await;
    let settings = IngestSettings { check_share: 0.0, ..IngestSettings::default() };
    server.state.ingest = Ingest::new(server.state.store.clone(), settings);
    server.router = control_router(server.state.clone());
    post(&server, &[exposure(json!({"config_version": 99}))]).await.expect(202);
    let quality = server.get(QUALITY).await.expect(200);
    assert_eq!(
        (&quality["exposures"], &quality["checked"], &quality["quarantined"]),
        (&json!(1), &json!(0), &json!(0))
    );
}
