//! Allocations.

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Server, halves};

#[sqlx::test(migrations = "../migrations")]
async fn allocations_are_replaced_as_a_whole(pool: PgPool) {
    let server = Server::new(pool);
    let body = json!({"key": "a", "variants": halves()});
    let made = server.post("/api/experiments", &body).await.expect(201);
    let id = |index: usize| made["variants"][index]["id"].clone();
    let path = "/api/experiments/default:a/allocations";
    let body = json!({"allocations": [
        {"variantId": id(1), "rangeStart": 5000, "rangeEnd": 9999},
        {"variant_id": id(0), "range_start": 0, "range_end": 4999},
    ]});
    let allocation = |variant: &str, id: Value, start: u16, end: u16| json!({"variantId": id, "variant": variant, "rangeStart": start, "rangeEnd": end});
    assert_eq!(
        server.put(path, &body).await.expect(200),
        json!({
            "allocations": [
                allocation("control", id(0), 0, 4999),
                allocation("treatment", id(1), 5000, 9999),
            ],
            "version": 2,
        })
    );
    assert_eq!(server.put(path, &json!({"allocations": []})).await.expect(200)["allocations"], json!([]));
}

#[sqlx::test(migrations = "../migrations")]
async fn impossible_allocations_are_refused(pool: PgPool) {
    let server = Server::new(pool);
    let body = json!({"key": "a", "variants": halves()});
    let made = server.post("/api/experiments", &body).await.expect(201);
    let id = made["variants"][0]["id"].clone();
    let path = "/api/experiments/default:a/allocations";
    let pointers = async |allocations: Value| -> Vec<String> {
        let body = json!({ "allocations": allocations });
        let faults = server.put(path, &body).await.faults(422);
        faults.into_iter().map(|(pointer, _)| pointer).collect()
    };
    let range = |start: i64, end: i64| json!({"variantId": id, "rangeStart": start, "rangeEnd": end});
    assert_eq!(
        pointers(json!([range(0, 10_000), range(-1, 5)])).await,
        ["/allocations/0/rangeEnd", "/allocations/1/rangeStart"]
    );
    let overlapping = pointers(json!([range(50, 100), range(0, 50)])).await;
    assert!(!overlapping.is_empty() && overlapping.iter().all(|it| it.starts_with("/allocations/")));
    let reversed = pointers(json!([range(7, 3)])).await;
    assert!(
        !reversed.is_empty() && reversed.iter().all(|it| it.starts_with("/allocations/0")),
        "{reversed:?}"
    );
    let stranger = json!([{"variantId": uuid::Uuid::now_v7(), "rangeStart": 0, "rangeEnd": 1}]);
    assert_eq!(pointers(stranger).await, ["/allocations/0/variantId"]);
    assert_eq!(
        pointers(json!([{"variant": "nobody", "rangeStart": 0, "rangeEnd": 1}])).await,
        ["/allocations/0/variant"]
    );
    assert_eq!(pointers(json!([{"rangeStart": 0, "rangeEnd": 1}])).await, ["/allocations/0/variantId"]);
    let now = server.get("/api/experiments/default:a").await.expect(200);
    assert_eq!((now["version"].clone(), &now["allocations"]), (json!(1), &made["allocations"]));
}
