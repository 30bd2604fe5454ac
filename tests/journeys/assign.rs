//! Assignments across a database that dies and a server that is killed.

use anyhow::{Result, ensure};
use lotwise_dev::{Answer, DatabaseChoice, Durability, Home, Stack, StackOptions};
use lotwise_e2e::{Admin, eventually, two_variants};
use serde_json::{Value, json};

fn durable() -> StackOptions {
    StackOptions {
        database: DatabaseChoice::Private,
        durability: Durability::Durable,
        ..StackOptions::disposable()
    }
}

async fn assign(admin: &Admin, experiment: &str, user: usize) -> Result<Answer> {
    let body = json!({"user_key": format!("user-{user}")});
    admin.api.post(&format!("/experiments/{experiment}/assign"), &body).await
}

/// Assigns one user after the other until a call fails; what was acknowledged.
async fn assign_until_refused(admin: Admin, experiment: String) -> Vec<(usize, Value)> {
    let mut acknowledged = Vec::new();
    for user in 0.. {
        match assign(&admin, &experiment, user).await {
            Ok(answer) if answer.status == 200 => acknowledged.push((user, answer.json()["variant"].clone())),
            _ => break,
        }
    }
    acknowledged
}

/// Everyone who was in still is, though the weights have moved everybody since.
async fn nobody_has_moved(admin: &Admin, experiment: &str, before: &[(usize, Value)]) -> Result<()> {
    for (user, variant) in before {
        let after = assign(admin, experiment, *user).await?.expect(200)?.json();
        ensure!(
            after["variant"] == *variant && after["reason"] == "STICKY",
            "user-{user} had {variant}, and now {after}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn acknowledged_assignments_survive_kill_9() -> Result<()> {
    let mut stack = Stack::start(Home::temporary()?, durable()).await?;
    let admin = Admin::new(stack.server.api());
    let environment = admin.environment("prod").await?;
    let experiment = admin.running(&environment, "button", two_variants()).await?;

    let caller = tokio::spawn(assign_until_refused(admin.clone(), experiment.clone()));
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    stack.postgres.kill().await?;
    stack.server.kill().await?;
    let acknowledged = caller.await?;
    ensure!(acknowledged.len() > 5, "too few calls to tell: {}", acknowledged.len());

    stack.postgres.restart().await?;
    stack.server.restart(&[]).await?;
    let all = json!({"allocations": [{"variant": "treatment", "rangeStart": 0, "rangeEnd": 9999}]});
    admin.api.put(&format!("/experiments/{experiment}/allocations"), &all).await?.success()?;
    nobody_has_moved(&admin, &experiment, &acknowledged).await?;
    stack.stop().await
}

#[tokio::test]
async fn a_database_restart_loses_nobody_and_repeats_nothing() -> Result<()> {
    let mut stack = Stack::start(Home::temporary()?, durable()).await?;
    let admin = Admin::new(stack.server.api());
    let environment = admin.environment("prod").await?;
    let experiment = admin.running(&environment, "button", two_variants()).await?;

    let callers: Vec<_> = (0..4)
        .map(|_| tokio::spawn(assign_until_refused(admin.clone(), experiment.clone())))
        .collect();
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    stack.postgres.kill().await?;
    let mut before = Vec::new();
    for caller in callers {
        before.extend(caller.await?);
    }
    let refused = assign(&admin, &experiment, 0).await?;
    ensure!(refused.status == 503, "{refused:?}");
    stack.postgres.restart().await?;
    eventually("the database back in use", async || {
        Ok((assign(&admin, &experiment, 0).await?.status == 200).then_some(()))
    })
    .await?;

    let all = json!({"allocations": [{"variant": "control", "rangeStart": 0, "rangeEnd": 9999}]});
    admin.api.put(&format!("/experiments/{experiment}/allocations"), &all).await?.success()?;
    nobody_has_moved(&admin, &experiment, &before).await?;
    // Whoever's call failed half-way is in once or not at all, and goes on from there.
    let next = before.iter().map(|(user, _)| user + 1).max().unwrap_or_default();
    let first = assign(&admin, &experiment, next).await?.expect(200)?.json();
    let again = assign(&admin, &experiment, next).await?.expect(200)?.json();
    ensure!(first["variant"] == again["variant"], "{first} {again}");
    stack.stop().await
}
