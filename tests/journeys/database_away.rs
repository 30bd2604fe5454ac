//! Postgres dies under the server: writes are refused, decisions go on, and it all comes back.

use anyhow::Result;
use lotwise_dev::{Answer, DatabaseChoice, Home, Stack, StackOptions};
use lotwise_e2e::{Admin, eventually, two_variants};
use serde_json::json;

#[tokio::test]
async fn writes_get_503_and_decisions_go_on() -> Result<()> {
    let options = StackOptions { database: DatabaseChoice::Private, ..StackOptions::disposable() };
    let mut stack = Stack::start(Home::temporary()?, options).await?;
    let admin = Admin::new(stack.server.api());
    let environment = admin.environment("prod").await?;
    admin.running(&environment, "kept", two_variants()).await?;
    let version = admin.publish(&environment).await?;
    let before = admin.until_decided("prod", version).await?;

    let writes: Vec<_> = (0..20)
        .map(|number| {
            let (admin, environment) = (admin.clone(), environment.clone());
            tokio::spawn(async move {
                let name = format!("caught-{number}");
                let body = json!({"key": name, "name": name, "environmentId": environment});
                admin.api.post("/experiments", &body).await
            })
        })
        .collect();
    stack.postgres.kill().await?;
    for write in writes {
        let answer = write.await??;
        assert!(answer.status == 201 || is_unavailable(&answer), "{answer:?}");
    }

    let refused = admin.api.post("/environments", &json!({"name": "late"})).await?;
    assert!(is_unavailable(&refused), "{refused:?}");
    for leak in ["postgres", "sql", "127.0.0.1", "connection refused"] {
        assert!(!refused.text.to_lowercase().contains(leak), "{}", refused.text);
    }
    assert_eq!(admin.decide("prod", "user-123").await?.expect(200)?.json(), before);

    stack.postgres.restart().await?;
    eventually("the database back in use", async || {
        let answer = admin.api.post("/environments", &json!({"name": "late"})).await?;
        Ok((answer.status == 201).then_some(()))
    })
    .await?;
    stack.stop().await
}

fn is_unavailable(answer: &Answer) -> bool {
    answer.status == 503
        && answer.header("content-type").starts_with("application/problem+json")
        && answer.json()["status"] == 503
}
