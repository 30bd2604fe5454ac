//! Two environments with the same things in each, and whoever may ask for them.

use axum::http::Method;
use lotwise_control::auth::Role;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::routes::Least;
use crate::support::{Answer, Server, halves};

/// The environment of the scoped token, and another one.
pub(super) const ENVIRONMENTS: [&str; 2] = ["staging", "prod"];

pub(super) struct Fixture {
    server: Server,
    /// Collection, then the thing's id in either environment.
    things: Vec<(&'static str, [String; 2])>,
}

impl Fixture {
    pub(super) async fn new(pool: PgPool) -> Self {
        let mut fixture = Self { server: Server::new(pool), things: Vec::new() };
        fixture.add("environments", "/api/environments", |name| json!({ "name": name })).await;
        let experiment = |name: &str| json!({"key": "e", "environment": name, "variants": halves()});
        fixture.add("experiments", "/api/experiments", experiment).await;
        let token = |name: &str| json!({"name": name, "role": "viewer", "environments": [name]});
        fixture.add("tokens", "/api/tokens", token).await;
        let keyed = |name: &str| json!({"key": "k", "environment": name});
        fixture
            .add("segments", "/api/segments", |name| json!({"key": "k", "environment": name, "rules": []}))
            .await;
        fixture.add("groups", "/api/groups", keyed).await;
        fixture
            .add("holdouts", "/api/holdouts", |name| json!({"key": "k", "environment": name, "share": 0.1}))
            .await;
        let metric = |name: &str| json!({"key": "k", "environment": name, "kind": "count"});
        fixture.add("metrics", "/api/metrics", metric).await;
        // One line for each further collection whose paths have an `{id}`.
        fixture
    }

    /// Makes the same thing in both environments.
    async fn add(&mut self, collection: &'static str, path: &str, body: impl Fn(&str) -> Value) {
        let mut ids = Vec::new();
        for environment in ENVIRONMENTS {
            let made = self.server.post(path, &body(environment)).await.expect(201);
            ids.push(made["id"].as_str().unwrap().to_owned());
        }
        self.things.push((collection, ids.try_into().unwrap()));
    }

    /// All that is in the environment that the scoped token has nothing to do with.
    pub(super) fn things_outside(&self) -> impl Iterator<Item = &str> {
        self.things.iter().map(|(_, [_, outside])| outside.as_str())
    }

    /// A token.
    pub(super) async fn token(&self, role: Role, environments: Option<&[&str]>) -> String {
        let name = format!("{}-{}", role.as_str(), uuid::Uuid::now_v7());
        let body = json!({"name": name, "role": role.as_str(), "environments": environments});
        let made = self.server.post("/api/tokens", &body).await.expect(201);
        made["token"].as_str().unwrap().to_owned()
    }

    /// A key of an environment.
    pub(super) async fn key(&self, environment: &str, kind: &str) -> String {
        let path = format!("/api/environments/{environment}/keys");
        let made = self.server.post(&path, &json!({ "kind": kind })).await.expect(201);
        made["key"].as_str().unwrap().to_owned()
    }

    /// Asks with a token, a key, or nothing.
    pub(super) async fn ask(&self, method: &str, path: &str, presented: Option<&str>, body: Value) -> Answer {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let authorization = presented.map(|text| format!("Bearer {text}")).unwrap_or_default();
        // No change comes through, because none was made for that version.
        let headers = [("authorization", authorization.as_str()), ("if-match", "\"999\"")];
        self.server.ask_as(method, path, body.to_string(), &headers).await
    }

    /// A path to nothing: who may ask is decided before what for.
    pub(super) fn nowhere(path: &str) -> String {
        fill(path, "0198c0de-0000-7000-8000-000000000000")
    }

    /// A path to the thing of its collection in either environment, if it names one.
    pub(super) fn place(&self, path: &str, environment: usize) -> Option<String> {
        let collection = path.split('/').nth(2).unwrap();
        if !path.contains("{id}") {
            return None;
        }
        let thing = self.things.iter().find(|(known, _)| *known == collection);
        let (_, ids) = thing.unwrap_or_else(|| panic!("make a thing of {collection} in `Fixture::new`"));
        Some(fill(path, &ids[environment]))
    }
}

impl Least {
    /// Whether keys open it.
    pub(super) fn takes_keys(self) -> bool {
        matches!(self, Self::SecretKey | Self::SecretKeyOrReader)
    }

    /// The least role that opens it.
    pub(super) fn role(self) -> Option<Role> {
        match self {
            Self::Open => None,
            Self::Token(role) => Some(role),
            Self::SecretKey => Some(Role::Editor),
            Self::SecretKeyOrReader => Some(Role::Viewer),
        }
    }
}

/// The path with this id and, in other places, something that could be there.
fn fill(path: &str, id: &str) -> String {
    let segment = |segment: &str| match segment {
        "{id}" => id.to_owned(),
        "{key}" => "control".to_owned(),
        "{version}" => "1".to_owned(),
        other if other.starts_with('{') => "0198c0de-0000-7000-8000-000000000000".to_owned(),
        other => other.to_owned(),
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}
