//! Bodies that cannot be taken.

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::Server;

#[sqlx::test(migrations = "../migrations")]
async fn every_fault_of_a_body_is_named(pool: PgPool) {
    let server = Server::new(pool.clone());
    let id = server.running("a").await;
    let faults = async |body: Value, status: u16| server.try_assign(&id, &body).await.faults(status);
    let named = |pointer: &str, code: &str| vec![(pointer.to_owned(), code.to_owned())];

    assert_eq!(faults(json!({}), 422).await, named("/user_key", "required"));
    assert_eq!(faults(json!({"user_key": null}), 422).await, named("/user_key", "required"));
    assert_eq!(faults(json!({"user_key": ""}), 422).await, named("/user_key", "empty"));
    assert_eq!(faults(json!({"user_id": 7}), 422).await, named("/user_id", "wrong_type"));
    let long = json!({"userKey": "é".repeat(257)});
    assert_eq!(faults(long, 400).await, named("/userKey", "field_too_large"));
    let both = json!({"user_id": "a", "user_key": "a"});
    assert_eq!(faults(both, 422).await, named("/user_id", "duplicate_field"));
    let context = json!({"user_key": "a", "context": []});
    assert_eq!(faults(context, 422).await, named("/context", "wrong_type"));
    let context = json!({"user_key": "a", "context": {"x": "y".repeat(65_536)}});
    assert_eq!(faults(context, 400).await, named("/context", "field_too_large"));
    let typo = faults(json!({"user": "a", "contxt": {}}), 422).await;
    let codes: Vec<&str> = typo.iter().map(|(_, code)| code.as_str()).collect();
    assert_eq!(codes, ["required", "unknown_field", "unknown_field"]);

    let kept: i64 = sqlx::query_scalar("select count(*) from assignments").fetch_one(&pool).await.unwrap();
    assert_eq!(kept, 0);
}
