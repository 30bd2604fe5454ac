//! Prerequisites.

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Server, halves};

fn fault(pointer: &str, code: &str) -> (String, String) {
    (pointer.to_owned(), code.to_owned())
}

fn needs(key: &str) -> Value {
    json!([{"experiment": key, "variants": ["control"]}])
}

async fn make(server: &Server, key: &str, prerequisites: Value) -> crate::support::Answer {
    let body = json!({"key": key, "variants": halves(), "prerequisites": prerequisites});
    server.post("/api/experiments", &body).await
}

async fn need(server: &Server, key: &str, prerequisites: Value) -> crate::support::Answer {
    let path = format!("/api/experiments/default:{key}");
    server.patch(&path, &json!({"prerequisites": prerequisites})).await
}

#[sqlx::test(migrations = "../migrations")]
async fn prerequisites_are_set_and_kept_in_order(pool: PgPool) {
    let server = Server::new(pool);
    for key in ["a", "b"] {
        make(&server, key, json!([])).await.expect(201);
    }
    let both = json!([
        {"experiment": "b", "variants": ["treatment", "control"]},
        {"experiment": "a", "variants": ["control"]},
    ]);
    let made = make(&server, "c", both.clone()).await.expect(201);
    assert_eq!(made["prerequisites"], both);
    assert_eq!(server.get("/api/experiments/default:c").await.expect(200), made);
    let patched = need(&server, "c", needs("a")).await.expect(200);
    assert_eq!((&patched["prerequisites"], &patched["version"]), (&needs("a"), &json!(2)));
    assert_eq!(need(&server, "c", json!([])).await.expect(200)["prerequisites"], json!([]));
}

#[sqlx::test(migrations = "../migrations")]
async fn prerequisites_that_can_never_be_met_are_refused(pool: PgPool) {
    let server = Server::new(pool);
    for key in ["a", "gone"] {
        make(&server, key, json!([])).await.expect(201);
    }
    server.post("/api/experiments/default:gone/archive", &json!({})).await.expect(200);
    let bad = json!([
        {"experiment": "none", "variants": ["control"]},
        {"experiment": "a", "variants": ["control", "none", "control"]},
        {"experiment": "a", "variants": []},
        {"experiment": "gone", "variants": ["control"]},
        {"experiment": "b", "variants": ["control"]},
    ]);
    let mut faults = make(&server, "b", bad).await.faults(422);
    faults.sort();
    assert_eq!(
        faults,
        [
            fault("/prerequisites/0/experiment", "unknown_experiment"),
            fault("/prerequisites/1/variants/1", "unknown_variant"),
            fault("/prerequisites/1/variants/2", "duplicate"),
            fault("/prerequisites/2/experiment", "duplicate"),
            fault("/prerequisites/2/variants", "empty"),
            fault("/prerequisites/3/experiment", "archived_experiment"),
            fault("/prerequisites/4/experiment", "endless_prerequisites"),
        ]
    );
    let shape = make(&server, "b", json!([{"experiment": 5, "variant": "x"}])).await.faults(422);
    for expected in [
        fault("/prerequisites/0/experiment", "wrong_type"),
        fault("/prerequisites/0/variants", "required"),
        fault("/prerequisites/0/variant", "unknown_field"),
    ] {
        assert!(shape.contains(&expected), "{shape:?}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn prerequisites_never_lead_back(pool: PgPool) {
    let server = Server::new(pool);
    make(&server, "a", json!([])).await.expect(201);
    make(&server, "b", needs("a")).await.expect(201);
    make(&server, "c", needs("b")).await.expect(201);
    let endless = [fault("/prerequisites", "endless_prerequisites")];
    assert_eq!(need(&server, "a", needs("c")).await.faults(422), endless);
    assert_eq!(server.get("/api/experiments/default:a").await.expect(200)["version"], 1);
    // Two at once: one of them comes second and sees the other.
    make(&server, "x", json!([])).await.expect(201);
    make(&server, "y", json!([])).await.expect(201);
    let (first, second) = tokio::join!(need(&server, "x", needs("y")), need(&server, "y", needs("x")));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
}

#[sqlx::test(migrations = "../migrations")]
async fn chains_lead_through_32_others_at_most(pool: PgPool) {
    let server = Server::new(pool);
    make(&server, "e00", json!([])).await.expect(201);
    for number in 1..=32 {
        let (key, below) = (format!("e{number:02}"), format!("e{:02}", number - 1));
        make(&server, &key, needs(&below)).await.expect(201);
    }
    let endless = [fault("/prerequisites", "endless_prerequisites")];
    assert_eq!(make(&server, "e33", needs("e32")).await.faults(422), endless);
    // From below, too: what others need must not get deeper than that.
    make(&server, "ground", json!([])).await.expect(201);
    assert_eq!(need(&server, "e00", needs("ground")).await.faults(422), endless);
}

#[sqlx::test(migrations = "../migrations")]
async fn what_others_need_stays(pool: PgPool) {
    let server = Server::new(pool);
    make(&server, "a", json!([])).await.expect(201);
    make(&server, "b", needs("a")).await.expect(201);
    let path = "/api/experiments/default:a";
    for refused in [server.post(&format!("{path}/archive"), &json!({})).await, server.delete(path).await] {
        assert_eq!(refused.code(409), "experiment_in_use");
        assert!(refused.text.contains("experiment b"), "{}", refused.text);
    }
    assert_eq!(server.delete(&format!("{path}/variants/control")).await.code(409), "variant_in_use");
    server.delete(&format!("{path}/variants/treatment")).await.expect(204);
    server.post("/api/experiments/default:b/archive", &json!({})).await.expect(200);
    server.post(&format!("{path}/archive"), &json!({})).await.expect(200);
    server.delete(path).await.expect(204);
}

#[sqlx::test(migrations = "../migrations")]
async fn pages_get_what_their_experiments_need(pool: PgPool) {
    let server = Server::new(pool);
    make(&server, "a", json!([])).await.expect(201);
    let body = json!({"key": "b", "variants": halves(), "clientSide": true, "prerequisites": needs("a")});
    let hidden = [fault("/prerequisites/0/experiment", "not_client_side")];
    assert_eq!(server.post("/api/experiments", &body).await.faults(422), hidden);
    make(&server, "b", needs("a")).await.expect(201);
    let page = json!({"clientSide": true});
    assert_eq!(server.patch("/api/experiments/default:b", &page).await.faults(422), hidden);
    server.patch("/api/experiments/default:a", &page).await.expect(200);
    server.patch("/api/experiments/default:b", &page).await.expect(200);
    let taken = server.patch("/api/experiments/default:a", &json!({"clientSide": false})).await;
    assert_eq!(taken.code(409), "needed_in_pages");
}
