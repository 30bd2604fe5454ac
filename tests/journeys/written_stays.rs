//! What was acknowledged is there after `kill -9` of the server and of Postgres.

use anyhow::Result;
use lotwise_dev::{DatabaseChoice, Durability, Home, Stack, StackOptions};
use lotwise_e2e::Admin;
use serde_json::json;

#[tokio::test]
async fn acknowledged_writes_survive_kill_9() -> Result<()> {
    let options = StackOptions {
        database: DatabaseChoice::Private,
        durability: Durability::Durable,
        ..StackOptions::disposable()
    };
    let mut stack = Stack::start(Home::temporary()?, options).await?;
    let admin = Admin::new(stack.server.api());
    let environment = admin.environment("prod").await?;

    let writer = tokio::spawn(write_until_refused(admin.clone(), environment));
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    stack.postgres.kill().await?;
    stack.server.kill().await?;
    let acknowledged = writer.await?;
    assert!(acknowledged.len() > 5, "too few writes to tell: {}", acknowledged.len());

    stack.postgres.restart().await?;
    stack.server.restart(&[]).await?;
    for id in &acknowledged {
        admin.api.get(&format!("/experiments/{id}")).await?.expect(200)?;
    }
    stack.stop().await
}

/// The ids of everything that the server said it had made.
async fn write_until_refused(admin: Admin, environment: String) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let name = format!("experiment-{number}");
        let body = json!({"key": name, "name": name, "environmentId": environment});
        match admin.api.post("/experiments", &body).await {
            Ok(answer) if answer.status == 201 => acknowledged.extend(answer.string("id")),
            _ => break,
        }
    }
    acknowledged
}
