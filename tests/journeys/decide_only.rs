//! A server without a database decides as the one with everything does.

use anyhow::Result;
use lotwise_dev::Role;
use lotwise_e2e::{Admin, two_variants};
use serde_json::json;

#[tokio::test]
async fn decide_only_answers_the_same_bytes() -> Result<()> {
    let stack = lotwise_e2e::stack().await?;
    let admin = Admin::new(stack.server.api());
    let environment = admin.environment("prod").await?;
    for number in 0..10 {
        let id = admin.running(&environment, &format!("e{number}"), two_variants()).await?;
        let rules = json!({"targetingRules": [{"conditions": [
            {"attribute": "user_key", "operator": "contains", "value": number.to_string()},
        ]}]});
        admin.edit(&id, &rules).await?;
    }
    let version = admin.publish(&environment).await?;
    let mut reader = stack.another_server(Role::Decide, &[]).await?;
    let (all, edge) = (stack.server.api(), reader.root());
    Admin::new(edge.clone()).until_decided("prod", version).await?;

    for number in 0..100 {
        let path = format!("/decide?user_key=user-{number}&env=prod");
        let (one, other) = (all.get(&path).await?.expect(200)?, edge.get(&path).await?.expect(200)?);
        assert_eq!(one.text, other.text);
        assert_eq!(one.header("etag"), other.header("etag"));
    }
    for path in ["/decide?env=prod", "/decide?user_key=a", "/decide?user_key=a&env=nowhere"] {
        assert_eq!(all.get(path).await?.status, edge.get(path).await?.status, "{path}");
    }
    // The admin API is somebody else's.
    assert_eq!(edge.get("/api/experiments").await?.status, 404);
    reader.stop().await?;
    stack.stop().await
}
