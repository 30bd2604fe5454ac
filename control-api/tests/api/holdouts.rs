//! Holdouts as resources.

use axum::http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Server, halves, redact};

fn range(start: u16, end: u16) -> Value {
    json!({"rangeStart": start, "rangeEnd": end})
}

#[sqlx::test(migrations = "../migrations")]
async fn a_holdout_is_made_read_changed_and_deleted(pool: PgPool) {
    let server = Server::new(pool.clone());
    let body = json!({"key": "global", "name": "Global", "share": 0.05});
    let made = server.post("/api/holdouts", &body).await.expect(201);
    assert_eq!(made["salt"].as_str().unwrap().len(), 32);
    assert_eq!(
        redact(made.clone()),
        json!({
            "id": "[id]", "environmentId": "[environmentId]", "environment": "default", "key": "global",
            "name": "Global", "description": null, "salt": "[salt]", "bucketBy": "user_key", "share": 0.05,
            "ranges": [range(0, 499)], "experiments": "all", "version": 1,
            "createdAt": "[createdAt]", "updatedAt": "[updatedAt]",
        })
    );
    let path = "/api/holdouts/default:global";
    assert_eq!(server.get(path).await.expect(200), made);
    assert_eq!(server.get("/api/holdouts").await.expect(200), json!({"items": [made], "nextCursor": null}));
    assert_eq!(server.post("/api/holdouts", &body).await.code(409), "duplicate_key");

    let stale = server.send(Method::PATCH, path, Some("{}".to_owned()), &[("if-match", "\"9\"")]).await;
    assert_eq!(stale.code(412), "stale_version");
    let exact = json!({"ranges": [range(9000, 9099), range(100, 199), range(200, 299)]});
    let changed = server.patch(path, &exact).await.expect(200);
    assert_eq!(changed["ranges"], json!([range(100, 299), range(9000, 9099)]));
    assert_eq!((&changed["share"], &changed["salt"]), (&json!(0.03), &made["salt"]));
    let less = server.patch(path, &json!({"share": 0.01})).await.expect(200);
    assert_eq!(less["ranges"], json!([range(100, 199)]));
    let more = server.patch(path, &json!({"share": 0.02})).await.expect(200);
    assert_eq!(more["share"], 0.02);
    assert_eq!(more["ranges"][0]["rangeStart"], 100);
    assert_eq!(server.patch(path, &json!({"salt": "s"})).await.faults(422)[0].1, "unknown_field");
    server.delete(path).await.expect(204);
    assert_eq!(server.get(path).await.code(404), "not_found");
    let sql = "select count(*) from audit where resource = 'holdout'";
    assert_eq!(sqlx::query_scalar::<_, i64>(sql).fetch_one(&pool).await.unwrap(), 5);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_holdout_covers_all_or_the_listed(pool: PgPool) {
    let server = Server::new(pool);
    for key in ["a", "b"] {
        server.post("/api/experiments", &json!({"key": key, "variants": halves()})).await.expect(201);
    }
    server.post("/api/holdouts", &json!({"key": "all", "share": 0.01})).await.expect(201);
    let listed = json!({"key": "listed", "share": 0.01, "experiments": ["b", "a"]});
    let made = server.post("/api/holdouts", &listed).await.expect(201);
    assert_eq!(made["experiments"], json!(["a", "b"]));
    let holdouts = async |key: &str| {
        server.get(&format!("/api/experiments/default:{key}")).await.expect(200)["holdouts"].clone()
    };
    assert_eq!(holdouts("a").await, json!(["all", "listed"]));
    server.patch("/api/holdouts/default:listed", &json!({"experiments": ["b"]})).await.expect(200);
    assert_eq!(holdouts("a").await, json!(["all"]));
    assert_eq!(holdouts("b").await, json!(["all", "listed"]));
    let later = server.post("/api/experiments", &json!({"key": "c"})).await.expect(201);
    assert_eq!(later["holdouts"], json!(["all"]));
    server.patch("/api/holdouts/default:listed", &json!({"experiments": "all"})).await.expect(200);
    assert_eq!(holdouts("c").await, json!(["all", "listed"]));
    server.delete("/api/holdouts/default:all").await.expect(204);
    assert_eq!(holdouts("c").await, json!(["listed"]));
}

#[sqlx::test(migrations = "../migrations")]
async fn faults_of_a_holdout_come_at_once(pool: PgPool) {
    let server = Server::new(pool);
    let faults = async |body: Value| {
        let mut faults = server.post("/api/holdouts", &body).await.faults(422);
        faults.sort();
        faults
    };
    let fault = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
    assert_eq!(
        faults(json!({"key": "-", "experiments": ["none"], "share": 2})).await,
        [
            fault("/experiments/0", "unknown_experiment"),
            fault("/key", "invalid_key"),
            fault("/share", "out_of_range"),
        ]
    );
    let twice = json!({"key": "h", "share": 0.1, "experiments": ["none", "none"]});
    assert_eq!(faults(twice).await, [fault("/experiments/1", "duplicate")]);
    assert_eq!(faults(json!({"key": "h"})).await, [fault("/share", "required")]);
    assert_eq!(
        faults(json!({"key": "h", "share": 0.1, "ranges": [], "experiments": "some"})).await,
        [fault("/experiments", "wrong_type"), fault("/ranges", "duplicate_field")]
    );
    assert_eq!(
        faults(json!({"key": "h", "ranges": [range(5, 4), range(0, 9), range(9, 9)]})).await,
        [fault("/ranges/0", "reversed_range"), fault("/ranges/2", "overlapping_ranges")]
    );
    assert_eq!(server.get("/api/holdouts").await.expect(200)["items"], json!([]));
}
