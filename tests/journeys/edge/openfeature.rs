//! `OpenFeature`'s own clients, of servers and of pages, ask the Worker.

use anyhow::{Result, ensure};
use lotwise_e2e::{Admin, edge};
use serde_json::{Value, json};
use tokio::process::Command;

#[tokio::test]
async fn openfeature_clients_understand_the_worker() -> Result<()> {
    let stack = lotwise_e2e::stack().await?;
    let admin = Admin::new(stack.server.api());
    let environment = admin.environment("prod").await?;
    let flag = async |key: &str, payload: Value, country: Option<&str>| -> Result<()> {
        let variants = json!([{"key": "on", "name": "On", "payload": payload, "weight": 100}]);
        let id = admin.running(&environment, key, variants).await?;
        let conditions = json!([{"attribute": "country", "operator": "eq", "value": country}]);
        if country.is_some() {
            admin.edit(&id, &json!({"targetingRules": [{"conditions": conditions}]})).await?;
        }
        Ok(())
    };
    flag("a-boolean", json!(true), None).await?;
    flag("a-string", json!({"value": "grün"}), None).await?;
    flag("a-number", json!(4.5), None).await?;
    flag("an-object", json!({"color": "#00cc66", "sizes": [1, 2]}), None).await?;
    flag("a-list", json!([1, 2]), None).await?;
    flag("for-germany", json!(true), Some("DE")).await?;
    flag("for-france", json!(true), Some("FR")).await?;
    admin.publish(&environment).await?;

    let mut worker = edge(&stack, &[]).await?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/openfeature/evaluate.mjs");
    let output = Command::new("node").arg(script).env("EDGE_URL", worker.url()).output().await?;
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    ensure!(output.status.success() && said.is_empty(), "{said}");
    worker.stop().await?;
    stack.stop().await
}
