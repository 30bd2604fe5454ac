//! Dry runs, and publishing only what somebody has seen.

use axum::http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::Server;

const PUBLISH: &str = "/api/environments/prod/publish";
const DRY_RUN: &str = "/api/environments/prod/publish?dryRun=true";

async fn dry_run(server: &Server) -> Value {
    server.post(DRY_RUN, &json!({})).await.expect(200)
}

/// Gives the treatment 70 of 100.
async fn reweigh(server: &Server, id: &str, control: u32, treatment: u32) {
    let body = json!({"weights": {"control": control, "treatment": treatment}});
    server.put(&format!("/api/experiments/{id}/weights"), &body).await.expect(200);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_dry_run_says_what_a_publish_would_change_and_writes_nothing(pool: PgPool) {
    let server = Server::with_store(pool).await;
    let id = server.running("a").await;
    let first = dry_run(&server).await;
    assert_eq!(
        (&first["from"], &first["movesUsers"], &first["unchanged"]),
        (&Value::Null, &json!(false), &json!(false))
    );
    let change = &first["experiments"][0];
    assert_eq!((&change["experimentKey"], &change["change"]), (&json!("a"), &json!("added")));
    assert_eq!(
        (&change["entering"], &change["moving"], &change["leaving"]),
        (&json!(10_000), &json!(0), &json!(0))
    );
    assert_eq!(server.get("/api/environments/prod/versions").await.expect(200)["items"], json!([]));

    server.post(PUBLISH, &json!({})).await.expect(200);
    let same = dry_run(&server).await;
    assert_eq!(
        (&same["from"], &same["unchanged"], &same["experiments"]),
        (&json!(1), &json!(true), &json!([]))
    );
    reweigh(&server, &id, 30, 70).await;
    let moved = dry_run(&server).await;
    assert_eq!((&moved["movesUsers"], &moved["rerandomised"]), (&json!(true), &json!([])));
    let change = &moved["experiments"][0];
    assert_eq!(change["moves"], json!([{"from": "control", "to": "treatment", "buckets": 2000}]));
    assert_eq!(
        (&change["staying"], &change["moving"], &change["fields"]),
        (&json!(8000), &json!(2000), &json!(["allocations"]))
    );
    assert_eq!(server.object("prod/version.json").await["version"], 1);
}

#[sqlx::test(migrations = "../migrations")]
async fn users_move_only_with_the_digest_of_what_was_seen(pool: PgPool) {
    let server = Server::with_store(pool).await;
    let id = server.running("a").await;
    server.post(PUBLISH, &json!({})).await.expect(200);
    reweigh(&server, &id, 30, 70).await;
    let refused = server.post(PUBLISH, &json!({})).await;
    assert_eq!(refused.code(409), "moves_users");
    let seen = dry_run(&server).await;
    assert_eq!(refused.expect(409)["diff"], seen, "the refusal says what the dry run says");

    // What would be published changed since.
    reweigh(&server, &id, 20, 80).await;
    let stale = server.post(PUBLISH, &json!({"confirm": seen["confirm"]})).await;
    assert_eq!(stale.code(409), "moves_users");
    let diff = stale.expect(409)["diff"].clone();
    assert_eq!(diff["experiments"][0]["moving"], 3000);
    assert_eq!(server.object("prod/version.json").await["version"], 1);
    let body = json!({"confirm": diff["confirm"], "note": "on purpose"});
    let second = server.post(PUBLISH, &body).await.expect(200);
    assert_eq!((&second["version"], &second["note"]), (&json!(2), &json!("on purpose")));

    // What is published changed since: the same rows again are another change.
    reweigh(&server, &id, 50, 50).await;
    let seen = dry_run(&server).await;
    server.running("b").await;
    server.post(PUBLISH, &json!({"only": ["b"]})).await.expect(200);
    let stale = server.post(PUBLISH, &json!({"confirm": seen["confirm"]})).await;
    assert_eq!(stale.code(409), "moves_users");
    assert_eq!(stale.expect(409)["diff"]["from"], 3);
}

#[sqlx::test(migrations = "../migrations")]
async fn who_loses_everything_is_moved_out(pool: PgPool) {
    let server = Server::with_store(pool).await;
    let id = server.running("a").await;
    server.running("b").await;
    server.post(PUBLISH, &json!({})).await.expect(200);
    server.post(&format!("/api/experiments/{id}/pause"), &json!({})).await.expect(200);
    let diff = server.post(PUBLISH, &json!({})).await.expect(409)["diff"].clone();
    assert_eq!(
        (&diff["experiments"][0]["change"], &diff["experiments"][0]["leaving"]),
        (&json!("removed"), &json!(10_000))
    );
    assert_eq!(diff["warnings"][0]["code"], "removed");
    server.publish_knowingly().await;
    // Nothing that only adds, or leaves buckets alone, asks for anything.
    server.post(&format!("/api/experiments/{id}/start"), &json!({})).await.expect(200);
    let rules =
        json!({"targetingRules": [{"conditions": [{"attribute": "a", "operator": "eq", "value": "x"}]}]});
    server.patch("/api/experiments/prod:b", &rules).await.expect(200);
    server.post(PUBLISH, &json!({})).await.expect(200);
    // A winner for all takes the others out of their variant.
    let body = json!({"winner": "treatment"});
    server.post(&format!("/api/experiments/{id}/conclude"), &body).await.expect(200);
    let diff = server.post(PUBLISH, &json!({})).await.expect(409)["diff"].clone();
    assert_eq!(
        diff["experiments"][0]["moves"],
        json!([{"from": "control", "to": "treatment", "buckets": 5000}])
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn dealing_out_anew_is_flagged_loudest(pool: PgPool) {
    let server = Server::with_store(pool.clone()).await;
    let id = server.running("a").await;
    server.post(PUBLISH, &json!({})).await.expect(200);
    // No request can do this after DRAFT: it is what an import or a repair might.
    sqlx::query("update experiments set salt = 'another'").execute(&pool).await.unwrap();
    let diff = server.post(PUBLISH, &json!({})).await.expect(409)["diff"].clone();
    assert_eq!((&diff["rerandomised"], &diff["movesUsers"]), (&json!(["a"]), &json!(true)));
    assert_eq!(
        (&diff["experiments"][0]["rerandomised"], &diff["experiments"][0]["rerandomisedBy"]),
        (&json!(true), &json!(["salt"]))
    );
    assert_eq!(
        (&diff["warnings"][0]["code"], &diff["warnings"][0]["experimentKey"]),
        (&json!("rerandomised"), &json!("a"))
    );
    assert!(!id.is_empty());
}

#[sqlx::test(migrations = "../migrations")]
async fn pages_that_lose_an_experiment_count_as_moved(pool: PgPool) {
    let server = Server::with_store(pool).await;
    let id = server.running("a").await;
    let path = format!("/api/experiments/{id}");
    server.patch(&path, &json!({"clientSide": true})).await.expect(200);
    server.post(PUBLISH, &json!({})).await.expect(200);
    server.patch(&path, &json!({"clientSide": false})).await.expect(200);
    let diff = server.post(PUBLISH, &json!({})).await.expect(409)["diff"].clone();
    assert_eq!(diff["pages"], json!({"entering": [], "leaving": ["a"]}));
    assert_eq!((&diff["warnings"][0]["code"], &diff["unchanged"]), (&json!("leaves_pages"), &json!(false)));
    server.publish_knowingly().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn going_back_moves_users_too(pool: PgPool) {
    let server = Server::with_store(pool).await;
    let id = server.running("a").await;
    server.post(PUBLISH, &json!({})).await.expect(200);
    reweigh(&server, &id, 30, 70).await;
    server.publish_knowingly().await;
    let path = "/api/environments/prod/versions/1/rollback";
    assert_eq!(server.post(path, &json!({})).await.code(409), "moves_users");
    let seen = server.post(&format!("{path}?dryRun=true"), &json!({})).await.expect(200);
    assert_eq!((&seen["from"], &seen["to"], &seen["movesUsers"]), (&json!(2), &json!(1), &json!(true)));
    assert_eq!(
        seen["experiments"][0]["moves"],
        json!([{"from": "treatment", "to": "control", "buckets": 2000}])
    );
    let third = server.post(path, &json!({"confirm": seen["confirm"]})).await.expect(200);
    assert_eq!((&third["version"], &third["rolledBackTo"]), (&json!(3), &json!(1)));
    // The next publish would bring it back, and says so.
    let next = dry_run(&server).await;
    assert_eq!(
        next["experiments"][0]["moves"],
        json!([{"from": "control", "to": "treatment", "buckets": 2000}])
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn a_digest_of_something_else_is_refused_even_where_none_is_needed(pool: PgPool) {
    let server = Server::with_store(pool).await;
    server.running("a").await;
    let refused = server.post(PUBLISH, &json!({"confirm": "0000"})).await;
    assert_eq!(refused.code(409), "stale_confirm");
    let confirm = refused.expect(409)["diff"]["confirm"].clone();
    server.post(PUBLISH, &json!({"confirm": confirm})).await.expect(200);
    // The same content is the same version, whatever is confirmed.
    assert_eq!(server.post(PUBLISH, &json!({"confirm": confirm})).await.expect(200)["version"], 1);
}

#[sqlx::test(migrations = "../migrations")]
async fn of_two_publishers_with_one_digest_one_publishes(pool: PgPool) {
    let server = Server::with_store(pool.clone()).await;
    let other = server.replica(pool);
    let id = server.running("a").await;
    server.post(PUBLISH, &json!({})).await.expect(200);
    reweigh(&server, &id, 30, 70).await;
    let body = json!({"confirm": dry_run(&server).await["confirm"]});
    let (one, two) = tokio::join!(server.post(PUBLISH, &body), other.post(PUBLISH, &body));
    for answer in [one, two] {
        assert_eq!(answer.expect(200)["version"], 2, "the second finds it published");
    }
    let list = server.get("/api/environments/prod/versions").await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
}

fn subjects(keys: std::ops::Range<u32>) -> Vec<Value> {
    keys.map(|it| json!({"user_key": format!("user-{it}"), "context": {"plan": if it % 2 == 0 { "pro" } else { "free" }}}))
        .collect()
}

#[sqlx::test(migrations = "../migrations")]
async fn real_subjects_go_through_targeting_and_sticky_state(pool: PgPool) {
    let server = Server::with_store(pool).await;
    let id = server.running("a").await;
    server.post(PUBLISH, &json!({})).await.expect(200);
    let rules = json!({"targetingRules": [{"conditions": [{"attribute": "plan", "operator": "eq", "value": "pro"}]}]});
    server.patch(&format!("/api/experiments/{id}"), &rules).await.expect(200);
    let mut sent = subjects(0..1000);
    sent[1]["sticky"] = json!({"a": "control"});
    let seen = server.post(DRY_RUN, &json!({"subjects": sent})).await.expect(200);
    assert_eq!(seen["movesUsers"], false, "no bucket moves");
    let sample = &seen["sample"];
    assert_eq!(sample["subjects"], 1000);
    let impact = &sample["experiments"][0];
    assert_eq!(
        (&impact["staying"], &impact["leaving"], &impact["entering"], &impact["moving"]),
        (&json!(501), &json!(499), &json!(0), &json!(0))
    );
    // The same, one to a line.
    let lines: Vec<String> = sent.iter().map(Value::to_string).collect();
    let headers = [("content-type", "application/x-ndjson")];
    let body = Some(lines.join("\n"));
    let again = server.send_raw(Method::POST, DRY_RUN, body, &headers).await.expect(200);
    assert_eq!(again["sample"], *sample);
}

#[sqlx::test(migrations = "../migrations")]
async fn subjects_that_make_no_sense_are_named(pool: PgPool) {
    let server = Server::with_store(pool).await;
    server.running("a").await;
    let faults = async |path: &str, body: Value| server.post(path, &body).await.faults(422);
    let fault = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
    let body = json!({"subjects": [{"user_key": ""}, {"context": []}, {"user_key": "u", "sticky": 1, "x": 1}], "sample": "all"});
    assert_eq!(
        faults(DRY_RUN, body).await,
        [
            fault("/sample", "duplicate_field"),
            fault("/subjects/0/user_key", "empty"),
            fault("/subjects/1/user_key", "required"),
            fault("/subjects/1/context", "wrong_type"),
            fault("/subjects/2/sticky", "invalid_sticky"),
            fault("/subjects/2/x", "unknown_field"),
            fault("/sample", "unknown_sample"),
        ]
    );
    assert_eq!(faults(PUBLISH, json!({"subjects": []})).await, [fault("/subjects", "unknown_field")]);
    let large = json!({"note": "x".repeat(2 << 20)});
    assert_eq!(server.post(PUBLISH, &large).await.code(413), "body_too_large");
    let headers = [("content-type", "application/x-ndjson")];
    let answer = server.send_raw(Method::POST, DRY_RUN, Some("{}\n{".to_owned()), &headers).await;
    assert_eq!(answer.code(400), "malformed_json");
}
