//! Keys of environments: for pages and servers.

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{Method, Request};
use axum::routing::get;
use lotwise_control::auth::{Caller, refresh_keys};
use lotwise_control::problem::Problem;
use lotwise_control::state::AppState;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::support::{Server, TOKEN, ask, eventually};

async fn environment(server: &Server, name: &str) -> Uuid {
    let made = server.post("/api/environments", &json!({ "name": name })).await.expect(201);
    made["id"].as_str().unwrap().parse().unwrap()
}

async fn key(server: &Server, environment: &str, kind: &str) -> (String, String) {
    let path = format!("/api/environments/{environment}/keys");
    let made = server.post(&path, &json!({ "kind": kind })).await.expect(201);
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("id"), text("key"))
}

/// What a route for servers and pages would answer: the status, who it was, and whether verified.
async fn called(state: &AppState, uri: &str, key: &str) -> (u16, Value) {
    let routes = Router::new().route("/{what}/{environment}", get(check)).with_state(state.clone());
    let request = Request::get(uri).header("x-api-key", key).body(Body::empty()).unwrap();
    let answer = ask(&routes, request).await;
    (answer.status.as_u16(), serde_json::from_str(&answer.text).unwrap_or_default())
}

async fn check(Path((what, environment)): Path<(String, Uuid)>, caller: Caller) -> Result<String, Problem> {
    let proof = match what.as_str() {
        "secret" => caller.require_secret(environment)?,
        _ => caller.require_any_key(environment)?,
    };
    Ok(json!({"actor": proof.actor.name, "verified": proof.is_verified}).to_string())
}

#[sqlx::test(migrations = "../migrations")]
async fn keys_are_made_listed_and_revoked(pool: PgPool) {
    let server = Server::new(pool);
    let prod = environment(&server, "prod").await;
    let path = format!("/api/environments/{prod}/keys");
    let answer = server.post(&path, &json!({"kind": "secret", "name": "shop"})).await;
    let made = answer.expect(201);
    let text = made["key"].as_str().unwrap();
    assert!(text.starts_with("sk_") && text.len() == 76);
    assert_eq!(answer.headers["cache-control"], "no-store");
    let (_, publishable) = key(&server, "prod", "publishable").await;
    assert!(publishable.starts_with("pk_"));

    let listed = server.get(&path).await;
    assert_eq!(listed.expect(200)["items"][0]["name"], "publishable");
    assert_eq!(listed.expect(200)["items"][1]["name"], "shop");
    let secret = text.rsplit_once('_').unwrap().1;
    let history = server.get("/api/audit?resource=environment_key").await;
    assert_eq!(history.expect(200)["items"].as_array().unwrap().len(), 2);
    assert!(!listed.text.contains(secret) && !history.text.contains(secret));

    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    let stale = server.send(Method::DELETE, &one, None, &[("if-match", "\"7\"")]).await;
    assert_eq!(stale.code(412), "stale_version");
    assert_eq!(server.delete(&one).await.status, 204);
    assert_eq!(server.delete(&one).await.status, 204);
    assert!(server.get(&path).await.expect(200)["items"][1]["revokedAt"].is_string());

    environment(&server, "staging").await;
    let elsewhere = one.replace(&prod.to_string(), "staging");
    assert_eq!(server.delete(&elsewhere).await.code(404), "not_found");
    let faults = server.post(&path, &json!({"kind": "public", "nmae": ""})).await.faults(422);
    assert_eq!(
        faults.iter().map(|fault| fault.1.as_str()).collect::<Vec<_>>(),
        ["unknown_kind", "unknown_field"]
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn a_caller_may_do_what_its_key_is_for_where_it_is_for(pool: PgPool) {
    let server = Server::new(pool.clone());
    let (prod, staging) = (environment(&server, "prod").await, environment(&server, "staging").await);
    let (id, secret) = key(&server, "prod", "secret").await;
    let (_, publishable) = key(&server, "prod", "publishable").await;
    let status = async |what: &str, environment: Uuid, key: &str| {
        called(&server.state, &format!("/{what}/{environment}"), key).await.0
    };
    assert_eq!(status("secret", prod, &secret).await, 200);
    assert_eq!(status("secret", prod, &publishable).await, 403);
    assert_eq!(status("any", prod, &publishable).await, 200);
    for key in [&secret, &publishable] {
        assert_eq!(status("any", staging, key).await, 403);
    }
    assert_eq!(status("any", prod, "pk_nobody").await, 401);
    assert_eq!(status("any", prod, &publishable.replace("pk_", "sk_")).await, 401);
    let (_, said) = called(&server.state, &format!("/any/{prod}"), &publishable).await;
    assert_eq!(said, json!({"actor": "key:publishable", "verified": false}));
    let (_, said) = called(&server.state, &format!("/secret/{prod}"), TOKEN).await;
    assert_eq!(said, json!({"actor": "admin-token", "verified": true}));
    for (role, expected) in [("viewer", 403), ("editor", 200)] {
        let body = json!({"name": role, "role": role, "environments": ["prod"]});
        let token = server.post("/api/tokens", &body).await.expect(201)["token"].as_str().unwrap().to_owned();
        assert_eq!(status("secret", prod, &token).await, expected, "{role}");
        assert_eq!(status("secret", staging, &token).await, 404, "{role}");
    }

    // A replica that has not looked for a while asks the database; one that has, looks again soon.
    let replica = server.replica(pool);
    assert_eq!(called(&replica.state, &format!("/any/{prod}"), &secret).await.0, 200);
    refresh_keys(&replica.state).await.unwrap();
    server.delete(&format!("/api/environments/prod/keys/{id}")).await;
    assert_eq!(status("any", prod, &secret).await, 401, "forgotten at once where it was revoked");
    refresh_keys(&replica.state).await.unwrap();
    assert_eq!(called(&replica.state, &format!("/any/{prod}"), &secret).await.0, 401);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_key_is_no_token(pool: PgPool) {
    let server = Server::new(pool);
    environment(&server, "prod").await;
    let (_, secret) = key(&server, "prod", "secret").await;
    for header in [("authorization", format!("Bearer {secret}")), ("x-api-key", secret)] {
        let headers = [(header.0, header.1.as_str())];
        let answer = server.ask_as(Method::GET, "/api/environments", String::new(), &headers).await;
        assert_eq!(answer.code(403), "forbidden");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn the_last_use_of_a_key_is_written_with_the_next_look(pool: PgPool) {
    let server = Server::new(pool);
    let prod = environment(&server, "prod").await;
    let (_, secret) = key(&server, "prod", "secret").await;
    called(&server.state, &format!("/any/{prod}"), &secret).await;
    refresh_keys(&server.state).await.unwrap();
    eventually("the last use", async || {
        let keys = server.get("/api/environments/prod/keys").await.expect(200);
        keys["items"][0]["lastUsedAt"].is_string()
    })
    .await;
}
