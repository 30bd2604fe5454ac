//! A payload reaches the caller as its author wrote it.

use anyhow::Result;
use lotwise_dev::Method;
use lotwise_e2e::Admin;
use serde_json::json;

/// Key order, a float that looks like an integer, an integer that no double holds, an escape.
const PAYLOAD: &str = r#"{"z":1.0,"a":9007199254740993,"m":{"b":[1e2,0.10],"a":"\u00e9é"}}"#;

#[tokio::test]
async fn payload_bytes_go_through_unchanged() -> Result<()> {
    let stack = lotwise_e2e::stack().await?;
    let admin = Admin::new(stack.server.api());
    let environment = admin.environment("prod").await?;
    // As text: a JSON library on the way would hide what is tested.
    let body = format!(
        r#"{{"key":"exact","name":"Exact","environmentId":"{environment}","variants":[{{"key":"on","name":"On","payload":{PAYLOAD},"weight":100}}]}}"#
    );
    let made = admin.api.send(Method::POST, "/experiments", &[], Some(body)).await?.expect(201)?;
    assert!(made.text.contains(PAYLOAD), "{}", made.text);
    let id = made.string("id")?;
    admin.api.post(&format!("/experiments/{id}/start"), &json!({})).await?.success()?;
    admin.publish(&environment).await?;

    let decided = admin.decide("prod", "user-123").await?.expect(200)?;
    assert!(decided.text.contains(PAYLOAD), "{}", decided.text);

    let pointer = String::from_utf8(stack.store.read("prod/version.json")?)?;
    let pointer: serde_json::Value = serde_json::from_str(&pointer)?;
    let key = format!("prod/{}", pointer["snapshot"].as_str().unwrap_or_default());
    let published = String::from_utf8(stack.store.read(&key)?)?;
    assert!(published.contains(PAYLOAD), "{published}");
    stack.stop().await
}
