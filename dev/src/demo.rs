//! The walkthrough's experiment, created step by step on a running server.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::api::{Answer, Api};

const KEY: &str = "checkout-button-color";

/// Creates what is not there yet, publishes, decides, and prints each step.
pub async fn demo(server_url: &str) -> Result<()> {
    let demo = Demo { api: Api::new(&format!("{}/api", server_url.trim_end_matches('/'))) };
    demo.api
        .get("/environments")
        .await
        .with_context(|| format!("no server at {server_url}: start one with `cargo xtask dev`"))?;
    let environment = demo.environment().await?;
    let experiment = demo.experiment(&environment).await?;
    demo.allocate(&experiment).await?;
    demo.start(&experiment).await?;
    let version = demo.publish(&environment).await?;
    demo.decide(version).await
}

struct Demo {
    api: Api,
}

impl Demo {
    async fn environment(&self) -> Result<String> {
        let body = json!({"name": "prod"});
        let made = self.api.post("/environments", &body).await?;
        show("POST /environments", &body, &made);
        if made.status != 409 {
            return made.success()?.string("id");
        }
        let all = self.api.get("/environments").await?.success()?.json();
        let named = items(&all).iter().find(|item| item["name"] == "prod");
        id_of(named.context("the environment prod exists, but is not listed")?)
    }

    async fn experiment(&self, environment: &str) -> Result<Value> {
        let body = json!({
            "key": KEY, "name": "Checkout button color", "environmentId": environment,
            "variants": [
                {"key": "control", "name": "Control", "payload": {"color": "#0066cc"}},
                {"key": "treatment", "name": "Treatment", "payload": {"color": "#00cc66"}},
            ],
        });
        let made = self.api.post("/experiments", &body).await?;
        show("POST /experiments", &body, &made);
        if made.status != 409 {
            return Ok(made.success()?.json());
        }
        Ok(self.api.get(&format!("/experiments/prod:{KEY}")).await?.success()?.json())
    }

    async fn allocate(&self, experiment: &Value) -> Result<()> {
        let variant = |key: &str| -> Result<String> {
            let variants = experiment["variants"].as_array().map_or(&[][..], Vec::as_slice);
            let found = variants.iter().find(|variant| variant["key"] == key);
            id_of(found.with_context(|| format!("the experiment has no variant {key}"))?)
        };
        let path = format!("/experiments/{}/allocations", id_of(experiment)?);
        let body = json!({"allocations": [
            {"variantId": variant("control")?, "rangeStart": 0, "rangeEnd": 4999},
            {"variantId": variant("treatment")?, "rangeStart": 5000, "rangeEnd": 9999},
        ]});
        let answer = self.api.put(&path, &body).await?;
        show(&format!("PUT {path}"), &body, &answer);
        answer.success().map(drop)
    }

    async fn start(&self, experiment: &Value) -> Result<()> {
        if experiment["status"] == "RUNNING" {
            println!("The experiment is running already.\n");
            return Ok(());
        }
        let path = format!("/experiments/{}/status", id_of(experiment)?);
        let body = json!({"status": "RUNNING"});
        let answer = self.api.patch(&path, &body).await?;
        show(&format!("PATCH {path}"), &body, &answer);
        answer.success().map(drop)
    }

    async fn publish(&self, environment: &str) -> Result<i64> {
        let path = format!("/environments/{environment}/publish");
        let answer = self.api.post(&path, &json!({})).await?;
        show(&format!("POST {path}"), &json!({}), &answer);
        let version = answer.success()?.json();
        version["version"].as_i64().context("the answer holds no version")
    }

    /// Asks until the servers have seen the version.
    async fn decide(&self, version: i64) -> Result<()> {
        let path = "/decide?user_key=user-123&env=prod";
        let deadline = Instant::now() + Duration::from_secs(15);
        loop {
            let answer = self.api.get(path).await?;
            if answer.json()["config_version"].as_i64() >= Some(version) {
                show(&format!("GET {path}"), &Value::Null, &answer);
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("version {version} is published, but decide answers {}", answer.text);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

fn show(request: &str, body: &Value, answer: &Answer) {
    let body = if body.is_null() { String::new() } else { format!(" {body}") };
    println!("{request}{body}\n  {} {}\n", answer.status, beginning(answer.text.trim_end()));
}

/// As much of an answer as helps to follow.
fn beginning(text: &str) -> String {
    const ENOUGH: usize = 400;
    match text.char_indices().nth(ENOUGH) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text.to_owned(),
    }
}

/// A list, bare or as `items` of a page.
fn items(list: &Value) -> &[Value] {
    list.as_array().or_else(|| list["items"].as_array()).map_or(&[], Vec::as_slice)
}

fn id_of(resource: &Value) -> Result<String> {
    Ok(resource["id"].as_str().with_context(|| format!("no id in {resource}"))?.to_owned())
}
