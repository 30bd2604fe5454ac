//! Tokens: made, shown once, changed, expired, revoked.

use axum::http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, Server, eventually};

async fn made(server: &Server, body: &Value) -> (String, String) {
    let made = server.post("/api/tokens", body).await.expect(201);
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("id"), text("token"))
}

async fn with(server: &Server, token: &str, method: Method, path: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {token}");
    server.ask_as(method, path, body.to_string(), &[("authorization", &bearer)]).await
}

async fn environments(server: &Server, token: &str) -> Answer {
    with(server, token, Method::GET, "/api/environments", &Value::Null).await
}

#[sqlx::test(migrations = "../migrations")]
async fn a_token_is_shown_once_and_kept_as_a_digest(pool: PgPool) {
    let server = Server::new(pool.clone());
    let answer = server.post("/api/tokens", &json!({"name": "ci", "role": "viewer"})).await;
    let token = answer.expect(201)["token"].as_str().unwrap().to_owned();
    assert!(token.starts_with("lw_") && token.len() == 76, "{token}");
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["etag"], "\"1\"");
    environments(&server, &token).await.expect(200);

    let secret = token.rsplit_once('_').unwrap().1;
    let id = answer.expect(201)["id"].as_str().unwrap().to_owned();
    for path in ["/api/tokens", &format!("/api/tokens/{id}"), "/api/audit"] {
        let shown = server.get(path).await;
        shown.expect(200);
        assert!(shown.text.contains("\"ci\"") && !shown.text.contains(secret), "{path}");
    }
    let rows: Vec<String> =
        sqlx::query_scalar("select tokens::text from tokens union all select audit::text from audit")
            .fetch_all(&pool)
            .await
            .unwrap();
    assert!(!rows.is_empty() && !rows.iter().any(|row| row.contains(secret)));
    // Whoever knows the id alone, or changes anything, has nothing.
    for wrong in [&token[..75], &format!("{token}0"), &token.replace("lw_", "sk_"), &token.to_uppercase()] {
        assert_eq!(environments(&server, wrong).await.code(401), "unauthorized");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn an_expired_or_revoked_token_is_worth_nothing_at_once(pool: PgPool) {
    let server = Server::new(pool.clone());
    let replica = server.replica(pool.clone());
    let (id, token) =
        made(&server, &json!({"name": "a", "role": "admin", "expiresAt": "2999-01-01T00:00:00Z"})).await;
    environments(&server, &token).await.expect(200);
    sqlx::query("update tokens set expires_at = now()").execute(&pool).await.unwrap();
    assert_eq!(environments(&server, &token).await.code(401), "unauthorized");
    server.patch(&format!("/api/tokens/{id}"), &json!({"expiresAt": null})).await.expect(200);
    environments(&replica, &token).await.expect(200);

    assert_eq!(server.delete(&format!("/api/tokens/{id}")).await.status, 204);
    for server in [&server, &replica] {
        assert_eq!(environments(server, &token).await.code(401), "unauthorized");
    }
    assert_eq!(server.delete(&format!("/api/tokens/{id}")).await.status, 204);
    let gone = server.get(&format!("/api/tokens/{id}")).await.expect(200);
    assert!(gone["revokedAt"].is_string());
    assert_eq!(server.patch(&format!("/api/tokens/{id}"), &json!({"name": "b"})).await.code(409), "revoked");
    // Its name is free again.
    made(&server, &json!({"name": "a", "role": "viewer"})).await;
    let again = server.post("/api/tokens", &json!({"name": "a", "role": "viewer"})).await;
    assert_eq!(again.code(409), "duplicate_name");
}

#[sqlx::test(migrations = "../migrations")]
async fn all_faults_of_a_token_are_named_at_once(pool: PgPool) {
    let server = Server::new(pool);
    let faults = server.post("/api/tokens", &json!({})).await.faults(422);
    let pair = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
    assert_eq!(faults, [pair("/name", "required"), pair("/role", "required")]);
    let body = json!({
        "name": "a\u{1}", "role": "root", "environments": [], "expiresAt": "2020-01-01T00:00:00Z", "scope": 1,
    });
    let faults = server.post("/api/tokens", &body).await.faults(422);
    let expected = [
        pair("/name", "invalid_text"),
        pair("/role", "unknown_role"),
        pair("/environments", "empty"),
        pair("/expiresAt", "in_the_past"),
        pair("/scope", "unknown_field"),
    ];
    assert_eq!(faults, expected);
    let body = json!({"name": "a", "role": "viewer", "environments": ["nope"], "expires_at": null});
    let faults = server.post("/api/tokens", &body).await.faults(422);
    assert_eq!(faults, [pair("/environments/0", "unknown_environment")]);
    let faults =
        server.post("/api/tokens", &json!({"name": "a", "role": "viewer", "expiresAt": "soon"})).await;
    assert_eq!(faults.faults(422), [pair("/expiresAt", "invalid_time")]);
    assert_eq!(server.get("/api/tokens").await.expect(200)["items"], json!([]));
}

#[sqlx::test(migrations = "../migrations")]
async fn a_scoped_admin_gives_no_more_than_it_has(pool: PgPool) {
    let server = Server::new(pool);
    for name in ["prod", "staging"] {
        server.post("/api/environments", &json!({ "name": name })).await.expect(201);
    }
    let (own, admin) =
        made(&server, &json!({"name": "s", "role": "admin", "environments": ["staging"]})).await;
    let (all, _) = made(&server, &json!({"name": "all", "role": "viewer"})).await;
    let ask = async |method, path: &str, body| with(&server, &admin, method, path, &body).await;

    let new = |environments: Value| json!({"name": "n", "role": "admin", "environments": environments});
    for (environments, pointer) in [
        (json!(null), "/environments"),
        (json!(["prod"]), "/environments/0"),
        (json!(["staging", "prod"]), "/environments/1"),
    ] {
        let faults = ask(Method::POST, "/api/tokens", new(environments.clone())).await.faults(422);
        assert_eq!(faults[0].0, pointer, "{environments}");
        let path = format!("/api/tokens/{own}");
        let faults = ask(Method::PATCH, &path, json!({ "environments": environments })).await.faults(422);
        assert_eq!(faults[0].0, pointer, "{environments}");
    }
    let made = ask(Method::POST, "/api/tokens", new(json!(["staging"]))).await.expect(201);
    assert_eq!(made["environments"], json!(["staging"]));
    assert_eq!(made["createdBy"], "token:s");
    for method in [Method::GET, Method::DELETE] {
        assert_eq!(ask(method, &format!("/api/tokens/{all}"), json!({})).await.code(404), "not_found");
    }
    let seen = ask(Method::GET, "/api/tokens", json!({})).await.expect(200);
    let names: Vec<_> = seen["items"].as_array().unwrap().iter().map(|it| it["name"].clone()).collect();
    assert_eq!(names, ["n", "s"]);
    let seen = ask(Method::GET, "/api/environments", json!({})).await.expect(200);
    assert_eq!(seen["items"].as_array().unwrap().len(), 1);
    // The only environment there is for it.
    let experiment = ask(Method::POST, "/api/experiments", json!({"key": "e"})).await.expect(201);
    assert_eq!(experiment["environment"], "staging");
    let faults = ask(Method::POST, "/api/experiments", json!({"key": "f", "environment": "prod"})).await;
    assert_eq!(faults.faults(422), [("/environment".to_owned(), "unknown_environment".to_owned())]);
}

#[sqlx::test(migrations = "../migrations")]
async fn changes_of_tokens_honour_if_match(pool: PgPool) {
    let server = Server::new(pool);
    let (id, _) = made(&server, &json!({"name": "a", "role": "viewer"})).await;
    let path = format!("/api/tokens/{id}");
    let patch = async |expected: &str, name: &str| {
        let body = json!({ "name": name }).to_string();
        server.send(Method::PATCH, &path, Some(body), &[("if-match", expected)]).await
    };
    let changed = patch("\"1\"", "b").await;
    assert_eq!(changed.expect(200)["version"], 2);
    assert_eq!(changed.headers["etag"], "\"2\"");
    assert_eq!(patch("\"1\"", "c").await.code(412), "stale_version");
    for garbage in ["W/\"2\"", "\"x\"", "\"1\", \"2\"", ""] {
        assert_eq!(patch(garbage, "c").await.code(400), "invalid_if_match", "{garbage}");
    }
    assert_eq!(patch("*", "c").await.expect(200)["version"], 3);
    let delete = server.send(Method::DELETE, &path, None, &[("if-match", "\"2\"")]).await;
    assert_eq!(delete.code(412), "stale_version");
}

#[sqlx::test(migrations = "../migrations")]
async fn the_last_use_is_written_beside_the_request_once_a_minute(pool: PgPool) {
    let server = Server::new(pool.clone());
    let (id, token) = made(&server, &json!({"name": "a", "role": "viewer"})).await;
    let path = format!("/api/tokens/{id}");
    assert_eq!(server.get(&path).await.expect(200)["lastUsedAt"], Value::Null);
    environments(&server, &token).await.expect(200);
    eventually("the last use", async || server.get(&path).await.expect(200)["lastUsedAt"].is_string()).await;
    let first = server.get(&path).await.expect(200);
    // Neither this process nor another one writes again so soon.
    environments(&server, &token).await.expect(200);
    environments(&server.replica(pool), &token).await.expect(200);
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(server.get(&path).await.expect(200), first, "neither time nor version");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_known_token_counts_on_a_development_server_too(pool: PgPool) {
    let server = Server::new(pool);
    let (_, token) = made(&server, &json!({"name": "a", "role": "viewer"})).await;
    let router = server.anonymous();
    let post = async |bearer: &str| {
        let request = axum::http::Request::post("/api/environments")
            .header("host", "localhost")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {bearer}"));
        crate::support::ask(&router, request.body(r#"{"name": "e"}"#.into()).unwrap()).await
    };
    assert_eq!(post(&token).await.code(403), "forbidden");
    post("of-some-proxy").await.expect(201);
}
