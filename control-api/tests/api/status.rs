//! Status changes.

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Server, halves};

/// Brings a new experiment to a status.
async fn experiment_in(server: &Server, status: &str) -> String {
    let key = format!("{}-{}", status.to_lowercase(), uuid::Uuid::now_v7());
    let body = json!({"key": key, "variants": halves()});
    let made = server.post("/api/experiments", &body).await.expect(201);
    let path = format!("/api/experiments/{}", made["id"].as_str().unwrap());
    let steps: &[&str] = match status {
        "DRAFT" => &[],
        "RUNNING" => &["start"],
        "PAUSED" => &["start", "pause"],
        "CONCLUDED" => &["conclude"],
        _ => &["archive"],
    };
    for step in steps {
        let body = if *step == "conclude" { json!({"winner": "control"}) } else { json!({}) };
        server.post(&format!("{path}/{step}"), &body).await.expect(200);
    }
    path
}

#[sqlx::test(migrations = "../migrations")]
async fn exactly_the_open_transitions_are_open(pool: PgPool) {
    let server = Server::new(pool);
    let open = [
        ("DRAFT", vec!["RUNNING", "CONCLUDED", "ARCHIVED"]),
        ("RUNNING", vec!["PAUSED", "CONCLUDED", "ARCHIVED"]),
        ("PAUSED", vec!["RUNNING", "CONCLUDED", "ARCHIVED"]),
        ("CONCLUDED", vec!["RUNNING", "CONCLUDED", "ARCHIVED"]),
        ("ARCHIVED", vec![]),
    ];
    for (from, open) in open {
        for to in ["DRAFT", "RUNNING", "PAUSED", "CONCLUDED", "ARCHIVED"] {
            let path = experiment_in(&server, from).await;
            let mut body = json!({ "status": to });
            if to == "CONCLUDED" {
                body["winner"] = json!("treatment");
            }
            let answer = server.patch(&format!("{path}/status"), &body).await;
            if open.contains(&to) {
                assert_eq!(answer.expect(200)["status"], to, "{from} to {to}");
            } else {
                assert_eq!(answer.code(409), "transition_not_open", "{from} to {to}");
                assert_eq!(answer.expect(409)["openTransitions"], json!(open));
                assert_eq!(server.get(&path).await.expect(200)["status"], from);
            }
        }
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn starting_needs_a_variant_and_an_allocation(pool: PgPool) {
    let server = Server::new(pool);
    server.post("/api/experiments", &json!({"key": "a"})).await.expect(201);
    let path = "/api/experiments/default:a";
    let start = format!("{path}/start");
    assert_eq!(server.post(&start, &json!({})).await.code(409), "not_startable");
    server.post(&format!("{path}/variants"), &json!({"key": "on"})).await.expect(201);
    assert_eq!(server.post(&start, &json!({})).await.code(409), "not_startable");
    let body = json!({"allocations": [{"variant": "on", "rangeStart": 0, "rangeEnd": 9}]});
    server.put(&format!("{path}/allocations"), &body).await.expect(200);
    let started = server.post(&start, &json!({})).await.expect(200);
    assert!(started["startedAt"].is_string());
}

#[sqlx::test(migrations = "../migrations")]
async fn concluding_needs_a_winner_that_exists(pool: PgPool) {
    let server = Server::new(pool);
    let path = experiment_in(&server, "RUNNING").await;
    let winner = |code: &str| vec![("/winner".to_owned(), code.to_owned())];
    let conclude = format!("{path}/conclude");
    assert_eq!(server.post(&conclude, &json!({})).await.faults(422), winner("required"));
    let unknown = json!({"winner": "nobody"});
    assert_eq!(server.post(&conclude, &unknown).await.faults(422), winner("unknown_variant"));
    let concluded = server.post(&conclude, &json!({"winner": "treatment"})).await.expect(200);
    assert_eq!((&concluded["status"], &concluded["winner"]), (&json!("CONCLUDED"), &json!("treatment")));
    let again = server.post(&conclude, &json!({"winner": "control"})).await.expect(200);
    assert_eq!(again["winner"], "control");
    let running = server.post(&format!("{path}/start"), &json!({})).await.expect(200);
    assert_eq!(running["winner"], Value::Null);

    let status = format!("{path}/status");
    let body = json!({"status": "PAUSED", "winner": "control"});
    assert_eq!(server.patch(&status, &body).await.faults(422), winner("unexpected"));
    let faults = server.patch(&status, &json!({"status": "paused"})).await.faults(422);
    assert_eq!(faults, [("/status".to_owned(), "unknown_status".to_owned())]);
}
