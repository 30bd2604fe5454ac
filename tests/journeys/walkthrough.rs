//! The walkthrough of the README, request for request.

use anyhow::{Context, Result};
use lotwise_dev::Api;
use serde_json::{Value, json};

const US_PRO: &str = "%7B%22country%22%3A%22US%22%2C%22plan%22%3A%22pro%22%7D";

#[tokio::test]
async fn an_experiment_from_draft_to_decision() -> Result<()> {
    let stack = lotwise_e2e::stack().await?;
    let api = stack.server.api();

    let environment = api.post("/environments", &json!({"name": "prod"})).await?.expect(201)?;
    let environment = environment.string("id")?;
    let experiment = create(&api, &environment).await?;
    allocate(&api, &experiment).await?;
    let path = format!("/experiments/{experiment}/status");
    api.patch(&path, &json!({"status": "RUNNING"})).await?.expect(200)?;
    assert_eq!(publish(&api, &environment).await?, 1);

    // No waiting: who publishes and then decides at the same server sees what was published.
    let answer = api.get("/decide?user_key=user-123&env=prod").await?.expect(200)?;
    let decision = answer.json();
    assert_eq!(decision["user_key"], "user-123");
    assert_eq!(decision["environment"], "prod");
    assert_eq!(decision["config_version"], 1);
    let assignment = the_only_assignment(&decision)?;
    assert_eq!(assignment["experiment_key"], "checkout-button-color");
    assert_eq!(assignment["experiment_id"], experiment.as_str());
    let color = match assignment["variant_key"].as_str() {
        Some("control") => "#0066cc",
        Some("treatment") => "#00cc66",
        other => panic!("an unknown variant: {other:?}"),
    };
    assert_eq!(assignment["payload"], json!({"color": color}));
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    assert!(!answer.header("etag").is_empty());

    let rules = json!({"targetingRules": [{"conditions": [
        {"attribute": "country", "operator": "in", "value": ["US", "CA"]},
        {"attribute": "plan", "operator": "eq", "value": "pro"},
    ]}]});
    api.patch(&format!("/experiments/{experiment}"), &rules).await?.expect(200)?;
    assert_eq!(publish(&api, &environment).await?, 2);

    let path = format!("/decide?user_key=user-123&env=prod&context={US_PRO}");
    let matching = api.get(&path).await?.expect(200)?.json();
    assert_eq!(matching["config_version"], 2);
    // Targeting says who is in, never which variant.
    assert_eq!(the_only_assignment(&matching)?["variant_key"], assignment["variant_key"]);
    let posted = json!({"user_key": "user-123", "env": "prod",
                        "context": {"country": "US", "plan": "pro"}});
    assert_eq!(api.post("/decide", &posted).await?.expect(200)?.json(), matching);

    let other = api.get("/decide?user_key=user-123&env=prod").await?.expect(200)?.json();
    assert_eq!(other["config_version"], 2);
    assert_eq!(other["assignments"], json!([]));
    stack.stop().await
}

#[tokio::test]
async fn the_demo_can_be_given_twice() -> Result<()> {
    let stack = lotwise_e2e::stack().await?;
    lotwise_dev::demo(&stack.server.url()).await?;
    lotwise_dev::demo(&stack.server.url()).await?;
    let answer = stack.server.api().get("/decide?user_key=user-123&env=prod").await?;
    assert_eq!(answer.expect(200)?.json()["config_version"], 1);
    stack.stop().await
}

async fn create(api: &Api, environment: &str) -> Result<String> {
    let body = json!({
        "key": "checkout-button-color", "name": "Checkout button color",
        "description": "Blue or green", "environmentId": environment,
    });
    let made = api.post("/experiments", &body).await?.expect(201)?;
    assert_eq!(made.json()["status"], "DRAFT");
    let id = made.string("id")?;
    for (key, name, color) in [("control", "Blue", "#0066cc"), ("treatment", "Green", "#00cc66")] {
        let body = json!({"key": key, "name": name, "payload": {"color": color}});
        api.post(&format!("/experiments/{id}/variants"), &body).await?.expect(201)?;
    }
    Ok(id)
}

async fn allocate(api: &Api, experiment: &str) -> Result<()> {
    let shown = api.get(&format!("/experiments/{experiment}")).await?.expect(200)?.json();
    let variant = |key: &str| {
        let variants = shown["variants"].as_array();
        let found = variants.and_then(|all| all.iter().find(|variant| variant["key"] == key));
        found.map(|variant| variant["id"].clone()).with_context(|| format!("no variant {key}"))
    };
    let body = json!({"allocations": [
        {"variantId": variant("control")?, "rangeStart": 0, "rangeEnd": 4999},
        {"variantId": variant("treatment")?, "rangeStart": 5000, "rangeEnd": 9999},
    ]});
    api.put(&format!("/experiments/{experiment}/allocations"), &body).await?.expect(200)?;
    Ok(())
}

async fn publish(api: &Api, environment: &str) -> Result<i64> {
    let path = format!("/environments/{environment}/publish");
    let version = api.post(&path, &json!({})).await?.success()?.json();
    assert_eq!(version["state"], "published");
    version["version"].as_i64().context("no version number")
}

fn the_only_assignment(decision: &Value) -> Result<&Value> {
    let assignments = decision["assignments"].as_array().context("no assignments")?;
    assert_eq!(assignments.len(), 1, "{decision}");
    Ok(&assignments[0])
}
