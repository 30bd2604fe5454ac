//! The history: of one experiment, and of everything.

use axum::http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, Server, halves};

fn actions(answer: &Answer) -> Vec<String> {
    let items = answer.expect(200)["items"].as_array().unwrap().clone();
    items.iter().map(|it| it["action"].as_str().unwrap().to_owned()).collect()
}

#[sqlx::test(migrations = "../migrations")]
async fn an_experiment_says_who_changed_what_newest_first(pool: PgPool) {
    let server = Server::new(pool);
    server.running("e").await;
    let path = "/api/experiments/prod:e";
    let headers = [("x-request-id", "r-7")];
    let body = json!({"name": "Other"}).to_string();
    server.send(Method::PATCH, path, Some(body), &headers).await.expect(200);
    // Refused, so that it is no change.
    server.patch(path, &json!({"name": ""})).await.expect(422);

    let history = server.get(&format!("{path}/history")).await;
    assert_eq!(actions(&history), ["update", "transition", "create"]);
    let newest = &history.expect(200)["items"][0];
    assert_eq!((&newest["actor"], &newest["requestId"]), (&json!("admin-token"), &json!("r-7")));
    assert_eq!((&newest["before"]["name"], &newest["after"]["name"]), (&json!("e"), &json!("Other")));
    assert_eq!((&newest["before"]["version"], &newest["after"]["version"]), (&json!(2), &json!(3)));
    assert_eq!(history.expect(200)["items"][2]["before"], Value::Null);

    let first = server.get(&format!("{path}/history?limit=2")).await.expect(200);
    let cursor = first["nextCursor"].as_str().unwrap();
    let rest = server.get(&format!("{path}/history?limit=2&cursor={cursor}")).await;
    assert_eq!(actions(&rest), ["create"]);
    assert_eq!(rest.expect(200)["nextCursor"], Value::Null);
    assert_eq!(server.get("/api/experiments/prod:nothing/history").await.code(404), "not_found");
    assert_eq!(server.get(&format!("{path}/history?limit=0")).await.code(400), "invalid_parameter");
}

#[sqlx::test(migrations = "../migrations")]
async fn the_history_is_filtered_and_paged(pool: PgPool) {
    let server = Server::new(pool);
    server.running("e").await;
    server.post("/api/environments", &json!({"name": "dev"})).await.expect(201);
    let token = server.post("/api/tokens", &json!({"name": "ci", "role": "editor"})).await.expect(201);
    let bearer = format!("Bearer {}", token["token"].as_str().unwrap());
    let body = json!({"key": "f", "environment": "dev"}).to_string();
    let made = server.ask_as(Method::POST, "/api/experiments", body, &[("authorization", &bearer)]).await;
    let experiment = made.expect(201)["id"].as_str().unwrap().to_owned();

    let all = server.get("/api/audit").await;
    assert_eq!(actions(&all), ["create", "create", "create", "transition", "create", "create"]);
    let newest = &all.expect(200)["items"][0];
    assert_eq!((&newest["actor"], &newest["tokenId"]), (&json!("token:ci"), &token["id"]));

    let at = newest["at"].as_str().unwrap();
    let id = token["id"].as_str().unwrap();
    for (query, count) in [
        ("environmentId=dev".to_owned(), 2),
        ("environmentId=nowhere".to_owned(), 0),
        (format!("experimentId={experiment}"), 1),
        ("experimentId=prod:e".to_owned(), 2),
        ("experimentId=prod:nothing".to_owned(), 0),
        ("resource=experiment".to_owned(), 3),
        ("resource=token".to_owned(), 1),
        (format!("resourceId={id}"), 1),
        ("action=transition".to_owned(), 1),
        ("actor=token:ci".to_owned(), 1),
        (format!("tokenId={id}"), 1),
        (format!("from={at}"), 1),
        (format!("to={at}"), 5),
        ("resource=experiment&action=create&environmentId=prod".to_owned(), 1),
    ] {
        assert_eq!(actions(&server.get(&format!("/api/audit?{query}")).await).len(), count, "{query}");
    }
    for bad in [
        "from=yesterday",
        "tokenId=1",
        "experimentId=e",
        "environmentId=A",
        "nothing=1",
        "actor=%00",
        "cursor=x",
    ] {
        assert_eq!(server.get(&format!("/api/audit?{bad}")).await.code(400), "invalid_parameter", "{bad}");
    }
    let mut seen = Vec::new();
    let mut path = "/api/audit?limit=4".to_owned();
    loop {
        let page = server.get(&path).await.expect(200);
        seen.extend(page["items"].as_array().unwrap().clone());
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        path = format!("/api/audit?limit=4&cursor={cursor}");
    }
    assert_eq!(json!(seen), all.expect(200)["items"]);
}

#[sqlx::test(migrations = "../migrations")]
async fn the_history_keeps_to_role_and_scope(pool: PgPool) {
    let server = Server::new(pool);
    for name in ["prod", "staging"] {
        server.post("/api/environments", &json!({ "name": name })).await.expect(201);
        server.post("/api/experiments", &json!({"key": "e", "environment": name})).await.expect(201);
        server.post(&format!("/api/environments/{name}/keys"), &json!({"kind": "secret"})).await.expect(201);
    }
    let seen = async |role: &str, environments: Value| {
        let name = format!("{role}-{environments}");
        let body = json!({"name": name, "role": role, "environments": environments});
        let token = server.post("/api/tokens", &body).await.expect(201);
        let bearer = format!("Bearer {}", token["token"].as_str().unwrap());
        let answer =
            server.ask_as(Method::GET, "/api/audit", String::new(), &[("authorization", &bearer)]).await;
        let items = answer.expect(200)["items"].as_array().unwrap().clone();
        let mut resources: Vec<_> =
            items.iter().map(|it| it["resource"].as_str().unwrap().to_owned()).collect();
        resources.sort_unstable();
        resources.join(" ")
    };
    assert_eq!(seen("viewer", json!(["staging"])).await, "environment experiment");
    assert_eq!(seen("admin", json!(["staging"])).await, "environment environment_key experiment");
    let two = "environment environment experiment experiment";
    assert_eq!(seen("publisher", Value::Null).await, two);
    let all = seen("admin", Value::Null).await;
    assert!(
        all.contains("environment_key environment_key") && all.ends_with("token token token token"),
        "{all}"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn a_deleted_experiment_is_still_in_the_history(pool: PgPool) {
    let server = Server::new(pool);
    let body = json!({"key": "e", "variants": halves()});
    let made = server.post("/api/experiments", &body).await.expect(201);
    let id = made["id"].as_str().unwrap();
    assert_eq!(server.delete(&format!("/api/experiments/{id}")).await.status, 204);
    assert_eq!(server.get(&format!("/api/experiments/{id}/history")).await.code(404), "not_found");
    let history = server.get(&format!("/api/audit?experimentId={id}")).await;
    assert_eq!(actions(&history), ["delete", "create"]);
    let last = &history.expect(200)["items"][0];
    assert_eq!((&last["before"]["key"], &last["after"]), (&json!("e"), &Value::Null));
}
