//! Who may do what: every route of the OpenAPI document, for everybody.

mod fixture;
mod routes;

use std::collections::BTreeSet;

use lotwise_control::auth::Role;
use serde_json::{Value, json};
use sqlx::PgPool;

use fixture::{ENVIRONMENTS, Fixture};
use routes::{FOR_ALL_ENVIRONMENTS, Least, ROUTES};

#[test]
fn every_route_says_who_may_use_it() {
    let document: Value = serde_json::from_str(&lotwise_control::openapi::text().unwrap()).unwrap();
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            described.insert((method.to_uppercase(), path.clone()));
        }
    }
    let listed: BTreeSet<_> =
        ROUTES.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
    assert_eq!(listed.len(), ROUTES.len(), "a route is listed twice");
    let missing: Vec<_> = described.difference(&listed).collect();
    assert!(missing.is_empty(), "say in who/routes.rs who may use {missing:?}");
    let gone: Vec<_> = listed.difference(&described).collect();
    assert!(gone.is_empty(), "these are no routes any more: {gone:?}");
}

#[sqlx::test(migrations = "../migrations")]
async fn every_route_asks_for_its_role(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let mut tokens = Vec::new();
    for role in Role::ALL {
        tokens.push((role, fixture.token(role, None).await));
    }
    let keys = [fixture.key("prod", "publishable").await, fixture.key("prod", "secret").await];
    for (method, path, least) in ROUTES {
        let Some(needed) = least.role() else { continue };
        let path = Fixture::nowhere(path);
        let status = async |presented: Option<&str>| {
            fixture.ask(method, &path, presented, json!({})).await.status.as_u16()
        };
        assert_eq!(status(None).await, 401, "{method} {path}");
        assert_eq!(status(Some("lw_nobody")).await, 401, "{method} {path}");
        for (role, token) in &tokens {
            let status = status(Some(token)).await;
            if *role < needed {
                assert_eq!(status, 403, "{method} {path} as {role:?}");
            } else {
                assert!(![401, 403].contains(&status), "{method} {path} as {role:?}: {status}");
            }
        }
        for key in &keys {
            let status = status(Some(key)).await;
            assert_eq!(status == 403, !least.takes_keys(), "{method} {path} with a key: {status}");
        }
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_scoped_token_finds_nothing_of_other_environments(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let token = fixture.token(Role::Admin, Some(&[ENVIRONMENTS[0]])).await;
    let ask = async |method: &str, path: &str, body| fixture.ask(method, path, Some(&token), body).await;
    for (method, path, least) in ROUTES {
        if *least == Least::Open {
            continue;
        }
        if FOR_ALL_ENVIRONMENTS.contains(&(*method, *path)) {
            assert_eq!(ask(method, path, json!({"name": "another"})).await.status, 403, "{method} {path}");
            continue;
        }
        match (fixture.place(path, 0), fixture.place(path, 1)) {
            (Some(inside), Some(outside)) => {
                let answer = ask(method, &outside, json!({})).await;
                assert_eq!(answer.code(404), "not_found", "{method} {path} outside");
                let answer = ask(method, &inside, json!({})).await;
                let status = answer.status.as_u16();
                let names_more = path.matches('{').count() > 1;
                assert!(![401, 403].contains(&status), "{method} {path} inside: {}", answer.text);
                assert!(status != 404 || names_more, "{method} {path} inside: {}", answer.text);
            }
            _ if *method == "GET" => {
                let answer = ask(method, path, json!({})).await;
                answer.expect(200);
                for thing in fixture.things_outside() {
                    assert!(!answer.text.contains(thing), "{method} {path} shows {thing}");
                }
            }
            _ => {
                let body = json!({
                    "name": "n", "environment": ENVIRONMENTS[1], "role": "viewer", "environments": [ENVIRONMENTS[1]],
                });
                let status = ask(method, path, body).await.status;
                assert!(status.is_client_error(), "{method} {path} made something outside: {status}");
            }
        }
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_key_opens_its_own_environment_only(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let [publishable, secret] =
        [fixture.key("staging", "publishable").await, fixture.key("staging", "secret").await];
    let mut checked = 0;
    for (method, path, _) in ROUTES.iter().filter(|route| route.2.takes_keys()) {
        let status = async |path: &str, key: &str| {
            fixture.ask(method, path, Some(key), json!({})).await.status.as_u16()
        };
        let Some(inside) = fixture.place(path, 0) else { continue };
        let outside = fixture.place(path, 1).unwrap();
        for key in [&publishable, &secret] {
            let status = status(&outside, key).await;
            assert!([403, 404].contains(&status), "{method} {path} outside: {status}");
        }
        assert_ne!(status(&inside, &secret).await, 403, "{method} {path}");
        assert_eq!(status(&inside, &publishable).await, 403, "{method} {path}");
        checked += 1;
    }
    assert!(checked > 0, "no route with a place takes keys");
}
