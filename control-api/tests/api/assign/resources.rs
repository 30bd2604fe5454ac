//! What stands around an experiment: groups, prerequisites, holdouts, segments, overrides.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sqlx::PgPool;
use tokio::task::JoinSet;

use crate::support::{Server, TOKEN, ask, halves};

impl Server {
    /// A running experiment of `prod` with these fields beside its two halves.
    async fn made(&self, key: &str, more: &Value) -> String {
        self.post("/api/environments", &json!({"name": "prod"})).await;
        let mut body = json!({"key": key, "environment": "prod", "variants": halves()});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.post("/api/experiments", &body).await.expect(201);
        self.post(&format!("/api/experiments/prod:{key}/start"), &json!({})).await.expect(200);
        format!("prod:{key}")
    }

    /// A first-come group with so many members; their names.
    async fn first_come(&self, members: usize) -> Vec<String> {
        self.post("/api/environments", &json!({"name": "prod"})).await.expect(201);
        let group = json!({"key": "checkout", "environment": "prod", "mode": "first"});
        self.post("/api/groups", &group).await.expect(201);
        let mut names = Vec::new();
        for number in 0..members {
            names.push(self.made(&format!("m{number}"), &json!({"groupKey": "checkout"})).await);
        }
        names
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn whoever_came_first_to_one_member_is_excluded_from_the_others(pool: PgPool) {
    let server = Server::new(pool);
    let members = server.first_come(3).await;
    assert_eq!(server.assign(&members[1], "user-1").await["reason"], "SPLIT");
    for other in [&members[0], &members[2]] {
        let out = server.assign(other, "user-1").await;
        assert_eq!((&out["variant"], &out["reason"]), (&json!(null), &json!("EXCLUDED_BY_GROUP")));
    }
    assert_eq!(server.assign(&members[1], "user-1").await["reason"], "STICKY");
    assert_eq!(server.assign(&members[0], "user-2").await["reason"], "SPLIT");
    // Who was in what does not run any more is free.
    server.post(&format!("/api/experiments/{}/pause", members[1]), &json!({})).await.expect(200);
    assert_eq!(server.assign(&members[2], "user-1").await["reason"], "SPLIT");
}

#[sqlx::test(migrations = "../migrations")]
async fn sixty_four_first_calls_on_a_group_end_in_exactly_one_member(pool: PgPool) {
    let server = Server::new(pool.clone());
    let replica = Server::new(pool.clone());
    let members = server.first_come(4).await;
    for user in ["user-1", "user-2", "user-3"] {
        let mut tasks = JoinSet::new();
        for number in 0..64 {
            let router = if number % 2 == 0 { server.router.clone() } else { replica.router.clone() };
            let member = members[number % members.len()].clone();
            let is_bulk = number % 3 == 0;
            tasks.spawn(async move {
                let one = json!({"user_key": user});
                // Others in the batch, in another order each time.
                let others =
                    (0..number % 5).map(|it| json!({"user_key": format!("other-{}", (it * number) % 7)}));
                let mut users: Vec<Value> = others.collect();
                users.push(one.clone());
                let (path, body) = match is_bulk {
                    true => ("assign/bulk", json!({"users": users})),
                    false => ("assign", one),
                };
                let request = axum::http::Request::post(format!("/api/experiments/{member}/{path}"))
                    .header("authorization", format!("Bearer {TOKEN}"))
                    .header("content-type", "application/json")
                    .body(body.to_string().into())
                    .unwrap();
                let answer = ask(&router, request).await.expect(200);
                let of_bulk = || answer["assignments"].as_array().and_then(|all| all.last()).cloned();
                (member, if is_bulk { of_bulk().unwrap() } else { answer.clone() })
            });
        }
        let answers = tasks.join_all().await;
        let is_in = answers.iter().filter(|(_, it)| !it["variant"].is_null());
        let places: BTreeSet<(String, String)> =
            is_in.map(|(member, it)| (member.clone(), it["variant"].to_string())).collect();
        assert_eq!(places.len(), 1, "{places:?}");
        let out = answers.iter().filter(|(_, it)| it["variant"].is_null());
        assert!(out.into_iter().all(|(_, it)| it["reason"] == "EXCLUDED_BY_GROUP"));
    }
    let sql =
        "select count(*) from (select user_key from assignments group by user_key having count(*) > 1) as it";
    let twice: i64 = sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap();
    assert_eq!(twice, 0, "nobody is in two members");
}

#[sqlx::test(migrations = "../migrations")]
async fn an_override_wins_and_is_not_kept(pool: PgPool) {
    let server = Server::new(pool);
    let id = server.running("a").await;
    server.give_all(&id, "control").await;
    let pin = format!("/api/experiments/{id}/overrides/qa:alice");
    assert_eq!(server.assign(&id, "qa:bob").await["variant"], "control");
    server.put(&pin, &json!({"variant": "treatment"})).await;
    let pinned = server.assign(&id, "qa:alice").await;
    assert_eq!(
        (&pinned["variant"], &pinned["reason"], &pinned["isOverride"]),
        (&json!("treatment"), &json!("OVERRIDE"), &json!(true))
    );
    server.delete(&pin).await;
    let free = server.assign(&id, "qa:alice").await;
    assert_eq!((&free["variant"], &free["reason"]), (&json!("control"), &json!("SPLIT")));
}

#[sqlx::test(migrations = "../migrations")]
async fn prerequisites_segments_and_holdouts_count(pool: PgPool) {
    let server = Server::new(pool.clone());
    server.post("/api/environments", &json!({"name": "prod"})).await.expect(201);
    let beta = json!({"key": "beta", "name": "Beta", "environment": "prod", "rules": [{"conditions": [
        {"attribute": "plan", "operator": "eq", "value": "beta"},
    ]}]});
    server.post("/api/segments", &beta).await.expect(201);
    let targeting = json!([{"conditions": [{"operator": "inSegment", "value": "beta"}]}]);
    let first = server.made("first", &json!({"targetingRules": targeting})).await;
    server.give_all(&first, "control").await;
    let needs = json!([{"experiment": "first", "variants": ["treatment"]}]);
    let second = server.made("second", &json!({"prerequisites": needs})).await;

    let body = json!({"user_key": "user-1", "context": {"plan": "beta"}});
    let reason =
        async |experiment: &str| server.try_assign(experiment, &body).await.expect(200)["reason"].clone();
    assert_eq!(reason(&second).await, "PREREQUISITE_FAILED");
    server.give_all(&first, "treatment").await;
    assert_eq!(server.assign(&second, "user-1").await["reason"], "PREREQUISITE_FAILED", "not in the segment");
    assert_eq!(reason(&second).await, "SPLIT");
    assert_eq!(reason(&first).await, "SPLIT");

    // What an exposure is decided on holds all of that, and nothing else.
    server.made("unrelated", &json!({})).await;
    reason(&second).await;
    let sql = "select document from assign_documents join assignments on document_sha256 = sha256 \
               join experiments on experiments.id = experiment_id where key = 'second'";
    let document: Vec<u8> = sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap();
    let document: Value = serde_json::from_slice(&document).unwrap();
    let keys: Vec<&Value> = document["experiments"].as_array().unwrap().iter().map(|it| &it["key"]).collect();
    assert_eq!(keys, ["first", "second"]);
    assert!(document["segments"]["beta"].is_array());

    let holdout = json!({"key": "global", "name": "Global", "environment": "prod", "experiments": "all",
        "ranges": [{"rangeStart": 0, "rangeEnd": 9999}]});
    server.post("/api/holdouts", &holdout).await.expect(201);
    let held_out = json!({"user_key": "user-2", "context": {"plan": "beta"}});
    assert_eq!(server.try_assign(&first, &held_out).await.expect(200)["reason"], "HOLDOUT");
    assert_eq!(reason(&first).await, "STICKY", "who is in stays in");
}

#[sqlx::test(migrations = "../migrations")]
async fn every_change_around_an_experiment_shows_in_the_next_call(pool: PgPool) {
    let (server, replica) = (Server::new(pool.clone()), Server::new(pool));
    server.post("/api/environments", &json!({"name": "prod"})).await.expect(201);
    let segment = json!({"key": "s", "name": "S", "environment": "prod", "rules": []});
    server.post("/api/segments", &segment).await.expect(201);
    let targeting = json!([{"conditions": [{"operator": "inSegment", "value": "s"}]}]);
    let a = server.made("a", &json!({"targetingRules": targeting})).await;
    let reason = async |user: &str| replica.assign(&a, user).await["reason"].clone();
    assert_eq!(reason("user-1").await, "TARGETING_MISMATCH");
    let everyone = json!({"rules": [{"conditions": []}]});
    server.patch("/api/segments/prod:s", &everyone).await.expect(200);
    assert_eq!(reason("user-1").await, "SPLIT");
    server.put(&format!("/api/experiments/{a}/overrides/user-2"), &json!({"variant": "control"})).await;
    assert_eq!(reason("user-2").await, "OVERRIDE");
    server.delete(&format!("/api/experiments/{a}/overrides/user-2")).await;
    assert_eq!(reason("user-2").await, "SPLIT");
    let holdout = json!({"key": "h", "name": "H", "environment": "prod", "experiments": ["a"],
        "ranges": [{"rangeStart": 0, "rangeEnd": 9999}]});
    server.post("/api/holdouts", &holdout).await.expect(201);
    assert_eq!(reason("user-3").await, "HOLDOUT");
    server.patch("/api/holdouts/prod:h", &json!({"experiments": []})).await.expect(200);
    assert_eq!(reason("user-3").await, "SPLIT");
}
