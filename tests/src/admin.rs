//! What an admin does, as requests.

use anyhow::{Context, Result, ensure};
use lotwise_dev::{Answer, Api};
use serde_json::{Value, json};

use crate::eventually;

/// An admin at a server's `/api`.
#[derive(Debug, Clone)]
pub struct Admin {
    /// For whatever has no method here.
    pub api: Api,
}

impl Admin {
    /// At this API.
    pub fn new(api: Api) -> Self {
        Self { api }
    }

    /// Makes an environment and returns its id.
    pub async fn environment(&self, name: &str) -> Result<String> {
        let answer = self.api.post("/environments", &json!({"name": name})).await?;
        answer.expect(201)?.string("id")
    }

    /// Makes an experiment and starts it; returns its id.
    pub async fn running(&self, environment: &str, key: &str, variants: Value) -> Result<String> {
        let body = json!({"key": key, "name": key, "environmentId": environment, "variants": variants});
        let id = self.api.post("/experiments", &body).await?.expect(201)?.string("id")?;
        self.api.post(&format!("/experiments/{id}/start"), &json!({})).await?.success()?;
        Ok(id)
    }

    /// Changes something of an experiment.
    pub async fn edit(&self, experiment: &str, change: &Value) -> Result<Answer> {
        self.api.patch(&format!("/experiments/{experiment}"), change).await?.success()
    }

    /// Asks for a publish of an environment, whatever the answer.
    pub async fn try_publish(&self, environment: &str) -> Result<Answer> {
        self.api.post(&format!("/environments/{environment}/publish"), &json!({})).await
    }

    /// Publishes an environment and returns the version.
    pub async fn publish(&self, environment: &str) -> Result<i64> {
        self.publish_knowingly(&format!("/environments/{environment}/publish")).await
    }

    /// Publishes an earlier version's content again and returns the new version.
    pub async fn roll_back(&self, environment: &str, version: i64) -> Result<i64> {
        let path = format!("/environments/{environment}/versions/{version}/rollback");
        self.publish_knowingly(&path).await
    }

    /// Posts to a path that publishes; where users would move, once more with the digest of whom.
    async fn publish_knowingly(&self, path: &str) -> Result<i64> {
        let answer = self.api.post(path, &json!({})).await?;
        let seen = answer.json();
        if seen["code"] != "moves_users" {
            return published(&answer.success()?);
        }
        let body = json!({"confirm": seen["diff"]["confirm"]});
        published(&self.api.post(path, &body).await?.success()?)
    }

    /// Every version of an environment, oldest first.
    pub async fn versions(&self, environment: &str) -> Result<Vec<Value>> {
        let path = format!("/environments/{environment}/versions?limit=100");
        let list = self.api.get(&path).await?.success()?.json();
        let mut versions = items(&list).to_vec();
        versions.sort_by_key(|version| version["version"].as_i64());
        Ok(versions)
    }

    /// Decides for one user, as text.
    pub async fn decide(&self, environment: &str, user_key: &str) -> Result<Answer> {
        self.api.get(&format!("/decide?user_key={user_key}&env={environment}")).await
    }

    /// Waits until decisions come from this version or a later one.
    pub async fn until_decided(&self, environment: &str, version: i64) -> Result<Value> {
        eventually(&format!("version {version} of {environment} in decisions"), async || {
            let answer = self.decide(environment, "user-123").await?.success()?.json();
            Ok((answer["config_version"].as_i64() >= Some(version)).then_some(answer))
        })
        .await
    }

    /// Waits until `/health` says so.
    pub async fn until_health(&self, root: &Api, status: &str) -> Result<Value> {
        eventually(&format!("{status} in /health"), async || {
            let health = root.get("/health").await?.json();
            Ok((health["status"] == status).then_some(health))
        })
        .await
    }
}

/// The number of a version that is at the store.
fn published(answer: &Answer) -> Result<i64> {
    let version = answer.json();
    ensure!(version["state"] == "published", "not published: {version}");
    version["version"].as_i64().context("no version number")
}

/// Half and half.
pub fn two_variants() -> Value {
    json!([
        {"key": "control", "name": "Control", "payload": {"color": "#0066cc"}, "weight": 50},
        {"key": "treatment", "name": "Treatment", "payload": {"color": "#00cc66"}, "weight": 50},
    ])
}

/// The members of a list, bare or as a page.
pub fn items(list: &Value) -> &[Value] {
    list.as_array().or_else(|| list["items"].as_array()).map_or(&[], Vec::as_slice)
}
