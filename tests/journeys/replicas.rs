//! Two servers on one database and one store publish at the same time.

use anyhow::Result;
use lotwise_dev::Role;
use lotwise_e2e::{Admin, two_variants};
use serde_json::{Value, json};

#[tokio::test]
async fn two_replicas_never_lose_or_repeat_a_version() -> Result<()> {
    let stack = lotwise_e2e::stack().await?;
    let mut replica = stack.another_server(Role::All, &[]).await?;
    let (one, other) = (Admin::new(stack.server.api()), Admin::new(replica.api()));
    let environment = one.environment("prod").await?;
    let mine = one.running(&environment, "mine", two_variants()).await?;
    let theirs = one.running(&environment, "theirs", two_variants()).await?;

    let mut newest = 0;
    for round in 0..8 {
        let (first, second) = tokio::join!(
            change_and_publish(&one, &environment, &mine, round),
            change_and_publish(&other, &environment, &theirs, round),
        );
        let (first, second) = (first?, second?);
        // One of the two may find its change published by the other already.
        assert!(first.max(second) > newest, "{first} and {second} after {newest}");
        newest = first.max(second);
    }

    let versions = one.versions(&environment).await?;
    let published: Vec<_> = versions
        .iter()
        .filter(|version| version["state"] == "published")
        .filter_map(|version| version["version"].as_i64())
        .collect();
    assert_eq!(published, (1..=newest).collect::<Vec<_>>());

    let pointer: Value = serde_json::from_slice(&stack.store.read("prod/version.json")?)?;
    assert_eq!(pointer["version"].as_i64(), Some(newest));
    let key = format!("prod/{}", pointer["snapshot"].as_str().unwrap_or_default());
    let snapshot: Value = serde_json::from_slice(&stack.store.read(&key)?)?;
    for experiment in snapshot["experiments"].as_array().into_iter().flatten() {
        assert_eq!(experiment["targeting_rules"][0]["conditions"][0]["value"], 7, "{experiment}");
    }
    one.until_decided("prod", newest).await?;
    other.until_decided("prod", newest).await?;
    replica.stop().await?;
    stack.stop().await
}

async fn change_and_publish(admin: &Admin, environment: &str, experiment: &str, round: i64) -> Result<i64> {
    let rules = json!({"targetingRules": [{"conditions": [
        {"attribute": "round", "operator": "gte", "value": round},
    ]}]});
    admin.edit(experiment, &rules).await?;
    admin.publish(environment).await
}
