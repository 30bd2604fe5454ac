//! The server dies at each step of a publish, and comes back.

use anyhow::{Context, Result};
use lotwise_dev::Stack;
use lotwise_e2e::{Admin, eventually, two_variants};
use serde_json::{Value, json};

/// Where a publish can be killed, in order.
const STEPS: &[&str] = &[
    "after_row",
    "after_snapshot_object",
    "after_client_binary_object",
    "after_client_pointer",
    "after_pointer",
    "before_done",
];

#[tokio::test]
async fn a_killed_publish_is_finished_or_failed_and_no_version_repeats() -> Result<()> {
    let mut stack = lotwise_e2e::stack().await?;
    for step in STEPS {
        killed_at(&mut stack, step).await.with_context(|| format!("killed {step}"))?;
    }
    stack.stop().await
}

async fn killed_at(stack: &mut Stack, step: &str) -> Result<()> {
    let admin = Admin::new(stack.server.api());
    let name = step.replace('_', "-");
    let environment = admin.environment(&name).await?;
    let experiment = admin.running(&environment, "kept", two_variants()).await?;
    assert_eq!(admin.publish(&environment).await?, 1);
    admin.edit(&experiment, &targeting("DE")).await?;

    stack.server.restart(&[("LOTWISE_FAILPOINT", step)]).await?;
    let answer = admin.try_publish(&environment).await;
    let status = stack.server.process().wait().await?;
    assert!(!status.success(), "the server did not die; it answered {answer:?}");

    stack.server.restart(&[]).await?;
    eventually("every version settled", async || {
        let versions = admin.versions(&environment).await?;
        Ok(versions.iter().all(|version| version["state"] != "pending").then_some(()))
    })
    .await?;

    // The same content: the finished version again, or a new one where it failed.
    let again = admin.publish(&environment).await?;
    admin.edit(&experiment, &targeting("FR")).await?;
    let last = admin.publish(&environment).await?;
    assert!(last > again && again > 1, "{again} then {last}");
    consistent(stack, &admin, &environment, &name, last).await
}

/// Numbers rise, and the newest is what the store and the decisions have, in both documents.
async fn consistent(stack: &Stack, admin: &Admin, environment: &str, name: &str, last: i64) -> Result<()> {
    let versions = admin.versions(environment).await?;
    let numbers: Vec<_> = versions.iter().map(|version| version["version"].as_i64()).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
    assert_eq!(numbers.last(), Some(&Some(last)));
    for pointer in [format!("{name}/version.json"), format!("{name}/client/version.json")] {
        let pointer: Value = serde_json::from_slice(&stack.store.read(&pointer)?)?;
        assert_eq!(pointer["version"].as_i64(), Some(last), "{pointer}");
    }
    admin.until_decided(name, last).await.map(drop)
}

fn targeting(country: &str) -> Value {
    json!({"targetingRules": [{"conditions": [
        {"attribute": "country", "operator": "eq", "value": country},
    ]}]})
}
