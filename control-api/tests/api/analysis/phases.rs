//! The sample ratio of an experiment whose weights change: each exposure belongs to the span whose document it was
//! decided on, whenever it comes.

use std::ops::Range;

use lotwise_core::{Context, Evaluation, Scratch, Snapshot, Subject};
use lotwise_stats::srm::{CONCENTRATION, sequential};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::events::{exposure, post};
use crate::support::Server;

const STATS: &str = "/api/experiments/prod:button/stats";

/// `button`, published half and half; and what turns that to one tenth and nine.
async fn half_and_half(pool: PgPool) -> Server {
    let server = Server::with_store(pool).await;
    server.running("button").await;
    server.publish_knowingly().await;
    server
}

async fn reweigh(server: &Server) {
    let body = json!({"weights": {"control": 1, "treatment": 9}});
    server.put("/api/experiments/prod:button/weights", &body).await.expect(200);
}

/// What these users are exposed to by a version.
async fn decided(server: &Server, version: i64, users: Range<u32>) -> Vec<Value> {
    let path = format!("/api/environments/prod/versions/{version}");
    let sha256 = server.get(&path).await.expect(200)["sha256"].clone();
    let document = server.get(&format!("{path}/snapshot")).await.text;
    let snapshot = Snapshot::load(document.as_bytes()).unwrap();
    let experiment = snapshot.experiment("button").unwrap();
    let (nothing, mut scratch) = (Context::default(), Scratch::new());
    let mut exposures = Vec::new();
    for user in users.map(|user| format!("user-{user}")) {
        let subject = Subject::new(&user, &nothing).unwrap();
        let decision = Evaluation::new(&snapshot, &subject, &mut scratch).decide(experiment);
        exposures.push(exposure(json!({
            "user_key": user, "variant_key": snapshot.variant(decision).unwrap().key, "config_version": version,
            "snapshot_sha256": sha256,
        })));
    }
    exposures
}

/// Control and treatment.
fn counts(exposures: &[Value]) -> [u64; 2] {
    let of = |key: &str| exposures.iter().filter(|it| it["variant_key"] == key).count() as u64;
    [of("control"), of("treatment")]
}

async fn send(server: &Server, exposures: &[Value]) {
    for batch in exposures.chunks(1_000) {
        assert_eq!(post(server, batch).await.expect(202)["accepted"], batch.len());
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn weights_that_change_raise_no_alarm_while_each_span_is_balanced(pool: PgPool) {
    let server = half_and_half(pool).await;
    let before = decided(&server, 1, 0..1_500).await;
    send(&server, &before).await;
    assert_eq!(server.get(STATS).await.expect(200)["phases"], 1);
    reweigh(&server).await;
    server.publish_knowingly().await;
    let after = decided(&server, 2, 1_500..3_000).await;
    send(&server, &after).await;
    // Pages that still hold the version before.
    let stale = decided(&server, 1, 3_000..3_800).await;
    send(&server, &stale).await;

    let all = [before, after.clone(), stale].concat();
    let naive = sequential(&counts(&all), &[1.0, 9.0], CONCENTRATION).unwrap();
    assert!(naive.ln_bf > 20.0, "as one span it would be an alarm: {}", naive.ln_bf);
    let stats = server.get(STATS).await.expect(200);
    assert_eq!(stats["progress"]["exposed"], 3_800);
    assert_eq!(stats["phases"], 2);
    assert_eq!(stats["srm"]["counts"], json!(counts(&after)), "{}", stats["srm"]);
    assert_eq!(stats["srm"]["alarm"], false, "{}", stats["srm"]);
    assert!(stats["srm"]["p"].as_f64().unwrap() > 0.1, "{}", stats["srm"]);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_span_that_is_unbalanced_raises_the_alarm_whatever_came_after(pool: PgPool) {
    let server = half_and_half(pool).await;
    let mut before = decided(&server, 1, 0..2_000).await;
    // Two of three are lost on the way, in the treatment only.
    let mut number = 0;
    before.retain(|it| {
        number += usize::from(it["variant_key"] == "treatment");
        it["variant_key"] == "control" || number % 3 == 0
    });
    send(&server, &before).await;
    reweigh(&server).await;
    server.publish_knowingly().await;
    let after = decided(&server, 2, 2_000..3_000).await;
    send(&server, &after).await;
    let last = sequential(&counts(&after), &[1.0, 9.0], CONCENTRATION).unwrap();
    let first = sequential(&counts(&before), &[1.0, 1.0], CONCENTRATION).unwrap();
    assert!(last.ln_bf < 1.0 && first.ln_bf > 7.0, "{} {}", last.ln_bf, first.ln_bf);
    let stats = server.get(STATS).await.expect(200);
    assert_eq!(
        (&stats["srm"]["alarm"], &stats["verdict"]["reason"]),
        (&json!(true), &json!("srm")),
        "{}",
        stats["srm"]
    );
    let ln_e = stats["srm"]["lnE"].as_f64().unwrap();
    assert!((ln_e - first.ln_bf - last.ln_bf).abs() < 1e-9, "{ln_e}");
}

#[sqlx::test(migrations = "../migrations")]
async fn weights_that_nobody_has_published_are_nobodys(pool: PgPool) {
    let server = half_and_half(pool).await;
    reweigh(&server).await;
    send(&server, &decided(&server, 1, 0..1_500).await).await;
    let stats = server.get(STATS).await.expect(200);
    assert_eq!(stats["srm"]["alarm"], false, "{}", stats["srm"]);
}
