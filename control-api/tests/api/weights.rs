//! Weights: new ranges that move the fewest.

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Server, halves};

const PATH: &str = "/api/experiments/default:a/weights";

fn ranges(answer: &Value) -> Vec<(String, i64, i64)> {
    let range = |it: &Value| {
        let bucket = |name: &str| it[name].as_i64().unwrap();
        (it["variant"].as_str().unwrap().to_owned(), bucket("rangeStart"), bucket("rangeEnd"))
    };
    answer["allocations"].as_array().unwrap().iter().map(range).collect()
}

fn owned(variant: &str, start: i64, end: i64) -> (String, i64, i64) {
    (variant.to_owned(), start, end)
}

#[sqlx::test(migrations = "../migrations")]
async fn other_weights_move_only_the_difference(pool: PgPool) {
    let server = Server::new(pool);
    server.post("/api/experiments", &json!({"key": "a", "variants": halves()})).await.expect(201);
    let body = json!({"weights": {"control": 30, "treatment": 70}, "trafficAllocation": 1});
    let rehearsed = server.put(&format!("{PATH}?dryRun=true"), &body).await.expect(200);
    assert_eq!((&rehearsed["dryRun"], &rehearsed["version"]), (&json!(true), &json!(1)));
    let before = server.get("/api/experiments/default:a").await.expect(200);
    assert_eq!(
        (before["version"].clone(), ranges(&before)[0].clone()),
        (json!(1), owned("control", 0, 4999))
    );

    let answer = server.put(PATH, &body).await.expect(200);
    assert_eq!(ranges(&answer), ranges(&rehearsed));
    assert_eq!(ranges(&answer), [owned("control", 0, 2999), owned("treatment", 3000, 9999)]);
    assert_eq!(
        answer["moves"],
        json!([{"from": "control", "to": "treatment", "buckets": 2000, "share": 0.2}])
    );
    let shares =
        ["stayingShare", "enteringShare", "leavingShare", "movedShare"].map(|name| answer[name].clone());
    assert_eq!(shares, [json!(0.8), json!(0.0), json!(0.0), json!(0.2)]);
    assert_eq!((&answer["dryRun"], &answer["version"]), (&json!(false), &json!(2)));
    let after = server.get("/api/experiments/default:a").await.expect(200);
    assert_eq!(ranges(&after), ranges(&answer));
}

#[sqlx::test(migrations = "../migrations")]
async fn less_traffic_and_more_again_brings_back_the_same_users(pool: PgPool) {
    let server = Server::new(pool);
    server.post("/api/experiments", &json!({"key": "a", "variants": halves()})).await.expect(201);
    let weights = json!({"control": 1, "treatment": 1});
    let less = server.put(PATH, &json!({"weights": weights, "trafficAllocation": 0.1})).await.expect(200);
    assert_eq!(ranges(&less), [owned("control", 0, 499), owned("treatment", 5000, 5499)]);
    assert_eq!((&less["leavingShare"], &less["movedShare"]), (&json!(0.9), &json!(0.0)));
    // Without a traffic share it stays as it was.
    let same = server.put(PATH, &json!({"weights": weights})).await.expect(200);
    assert_eq!((ranges(&same), &same["trafficAllocation"]), (ranges(&less), &json!(0.1)));
    let more = server.put(PATH, &json!({"weights": weights, "trafficAllocation": 1})).await.expect(200);
    assert_eq!(ranges(&more), [owned("control", 0, 4999), owned("treatment", 5000, 9999)]);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_fresh_experiment_gets_the_ranges_of_its_weights(pool: PgPool) {
    let server = Server::new(pool);
    let variants = json!([{"key": "a"}, {"key": "b"}, {"key": "c"}]);
    server.post("/api/experiments", &json!({"key": "a", "variants": variants})).await.expect(201);
    let body = json!({"weights": {"a": 1, "b": 1, "c": 1}});
    let answer = server.put(PATH, &body).await.expect(200);
    assert_eq!(ranges(&answer), [owned("a", 0, 3333), owned("b", 3334, 6666), owned("c", 6667, 9999)]);
    assert_eq!((&answer["enteringShare"], &answer["movedShare"]), (&json!(1.0), &json!(0.0)));
}

#[sqlx::test(migrations = "../migrations")]
async fn weights_that_make_no_sense_change_nothing(pool: PgPool) {
    let server = Server::new(pool);
    server.post("/api/experiments", &json!({"key": "a", "variants": halves()})).await.expect(201);
    let faults = async |body: Value| server.put(PATH, &body).await.faults(422);
    let fault = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
    assert_eq!(
        faults(json!({"weights": {"control": 1, "nobody": 1, "a/b": 1}})).await,
        [
            fault("/weights/a~1b", "unknown_variant"),
            fault("/weights/nobody", "unknown_variant"),
            fault("/weights/treatment", "required"),
        ]
    );
    assert_eq!(
        faults(json!({"weights": {"control": 0, "treatment": 0}})).await,
        [fault("/weights", "all_zero")]
    );
    assert_eq!(
        faults(json!({"weights": {"control": 1_000_000, "treatment": 1}})).await,
        [fault("/weights/treatment", "owns_no_bucket")]
    );
    assert_eq!(
        faults(
            json!({"weights": {"control": 1.5, "treatment": 1_000_001}, "trafficAllocation": 0.00001, "x": 1})
        )
        .await,
        [
            fault("/weights/control", "wrong_type"),
            fault("/weights/treatment", "out_of_range"),
            fault("/trafficAllocation", "too_precise"),
            fault("/x", "unknown_field"),
        ]
    );
    assert_eq!(
        faults(json!({"weights": {"control": 1, "treatment": 1}, "trafficAllocation": 1.5})).await[0].1,
        "out_of_range"
    );
    assert_eq!(faults(json!({"weights": []})).await, [fault("/weights", "wrong_type")]);
    assert_eq!(faults(json!({})).await[0], fault("/weights", "required"));
    assert_eq!(server.put(&format!("{PATH}?dryRun=x"), &json!({})).await.code(400), "invalid_parameter");
    let now = server.get("/api/experiments/default:a").await.expect(200);
    assert_eq!(now["version"], 1);
    let other = "/api/experiments/default:nobody/weights";
    assert_eq!(server.put(other, &json!({"weights": {}})).await.code(404), "not_found");
}
