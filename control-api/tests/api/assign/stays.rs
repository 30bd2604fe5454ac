//! Who is in stays in.

use std::collections::BTreeMap;

use serde_json::json;
use sqlx::PgPool;

use crate::support::Server;

#[sqlx::test(migrations = "../migrations")]
async fn other_weights_move_nobody_who_is_in(pool: PgPool) {
    let server = Server::new(pool.clone());
    let id = server.running("a").await;
    let mut before = BTreeMap::new();
    for number in 0..30 {
        let user = format!("user-{number}");
        before.insert(user.clone(), server.assign(&id, &user).await["variant"].clone());
    }
    let variants: std::collections::BTreeSet<String> = before.values().map(ToString::to_string).collect();
    assert_eq!(variants.len(), 2, "both halves are met");
    server.give_all(&id, "treatment").await;
    // Another replica, which has seen nothing of it.
    let replica = Server::new(pool);
    for (user, variant) in &before {
        for server in [&server, &replica] {
            let after = server.assign(&id, user).await;
            assert_eq!((&after["variant"], &after["reason"]), (variant, &json!("STICKY")));
        }
    }
    assert_eq!(server.assign(&id, "new").await["variant"], "treatment");
}

#[sqlx::test(migrations = "../migrations")]
async fn edits_of_another_replica_show_at_once(pool: PgPool) {
    let (server, replica) = (Server::new(pool.clone()), Server::new(pool));
    let id = server.running("a").await;
    for number in 0..20 {
        let variant = if number % 2 == 0 { "control" } else { "treatment" };
        server.give_all(&id, variant).await;
        let given = replica.assign(&id, &format!("user-{number}")).await;
        assert_eq!(given["variant"], variant);
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_variant_that_somebody_is_in_stays(pool: PgPool) {
    let server = Server::new(pool);
    let id = server.running("a").await;
    server.give_all(&id, "control").await;
    server.assign(&id, "user-1").await;
    server.give_all(&id, "treatment").await;
    let control = format!("/api/experiments/{id}/variants/control");
    let refused = server.delete(&control).await;
    assert_eq!(refused.code(409), "variant_in_use");
    assert!(refused.text.contains("has assignments"), "{}", refused.text);
    assert_eq!(server.assign(&id, "user-1").await["variant"], "control");

    let other = server.running("b").await;
    server.give_all(&other, "treatment").await;
    server.delete(&format!("/api/experiments/{other}/variants/control")).await.expect(204);
}

#[sqlx::test(migrations = "../migrations")]
async fn an_experiment_goes_with_its_assignments(pool: PgPool) {
    let server = Server::new(pool.clone());
    let id = server.running("a").await;
    server.assign(&id, "user-1").await;
    let path = format!("/api/experiments/{id}");
    server.post(&format!("{path}/archive"), &json!({})).await.expect(200);
    server.delete(&path).await.expect(204);
    let kept: i64 = sqlx::query_scalar("select count(*) from assignments").fetch_one(&pool).await.unwrap();
    assert_eq!(kept, 0);
    let again = server.running("a").await;
    assert_eq!(server.assign(&again, "user-1").await["reason"], "SPLIT");
    assert_eq!(server.assign("prod:a", "user-1").await["reason"], "STICKY");
}

#[sqlx::test(migrations = "../migrations")]
async fn user_keys_are_taken_byte_for_byte(pool: PgPool) {
    let server = Server::new(pool);
    let id = server.running("a").await;
    let longest = "é".repeat(256);
    for user in ["a\0b", "a", "A", " a", "a ", "\0", "\u{e9}", "e\u{301}", &longest] {
        assert_eq!(server.assign(&id, user).await["reason"], "SPLIT", "{user:?}");
        assert_eq!(server.assign(&id, user).await["reason"], "STICKY", "{user:?}");
    }
}
