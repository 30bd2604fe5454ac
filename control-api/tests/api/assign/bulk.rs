//! Many users at once.

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::Server;

#[sqlx::test(migrations = "../migrations")]
async fn good_users_are_assigned_and_the_others_named_by_index(pool: PgPool) {
    let server = Server::new(pool);
    let id = server.running("a").await;
    let path = format!("/api/experiments/{id}/assign/bulk");
    let alone = server.assign(&id, "user-1").await;
    let users = json!({"users": [
        {"user_key": "user-1", "context": {"a": 1}}, {"user_key": ""}, 7, {"user_id": "user-2"},
        {"user_key": "user-1"}, {"user_key": "user-3", "contxt": {}},
    ]});
    let answer = server.post(&path, &users).await.expect(200);
    let given = answer["assignments"].as_array().unwrap();
    let indexes: Vec<&Value> = given.iter().map(|it| &it["index"]).collect();
    assert_eq!(indexes, [0, 3]);
    assert_eq!((&given[0]["variant"], &given[0]["reason"]), (&alone["variant"], &json!("STICKY")));
    assert_eq!(given[1]["reason"], "SPLIT");
    let errors: Vec<(i64, &str, &str)> = answer["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            (it["index"].as_i64().unwrap(), it["pointer"].as_str().unwrap(), it["code"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        errors,
        [
            (1, "/users/1/user_key", "empty"),
            (2, "/users/2", "wrong_type"),
            (4, "/users/4", "duplicate_user"),
            (5, "/users/5/contxt", "unknown_field"),
        ]
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn a_thousand_users_are_taken_and_one_more_is_not(pool: PgPool) {
    let server = Server::new(pool.clone());
    let id = server.running("a").await;
    let path = format!("/api/experiments/{id}/assign/bulk");
    let users = |count: usize| {
        let users: Vec<Value> = (0..count).map(|it| json!({"user_key": format!("user-{it}")})).collect();
        json!({"users": users})
    };
    let refused = server.post(&path, &users(1001)).await.faults(400);
    assert_eq!(refused, [("/users".to_owned(), "field_too_large".to_owned())]);
    for reason in ["SPLIT", "STICKY"] {
        let answer = server.post(&path, &users(1000)).await.expect(200);
        let all = answer["assignments"].as_array().unwrap();
        assert!(all.len() == 1000 && all.iter().all(|it| it["reason"] == reason));
    }
    let kept: i64 = sqlx::query_scalar("select count(*) from assignments").fetch_one(&pool).await.unwrap();
    assert_eq!(kept, 1000);
    assert_eq!(server.post(&path, &json!({})).await.faults(422)[0].1, "required");
    let nobody = server.post(&path, &json!({"users": []})).await.expect(200);
    assert_eq!(nobody, json!({"assignments": [], "errors": []}));
}
