//! The optional queue for events.

use anyhow::{Context, Result};
use lotwise_dev::{EdgeBindings, EdgeOptions, Method};
use lotwise_e2e::{edge, edge_with, eventually};
use serde_json::{Value, json};

/// Key order, spacing and numbers that a JSON library would change.
const EVENT: &str = r#"{"type":"exposure", "id":"01a1fd49-1a15-7479-8c67-5a6393132135","environment":"prod","user_key":"日本-1","value":1.0,"n":9007199254740993}"#;
const OTHER: &str = r#"{"id":"01a1fd49-1a15-7479-8c67-5a6393132136","type":"track","environment":"prod","user_key":"u","event_name":"buy"}"#;

#[tokio::test]
async fn events_reach_the_queue_as_they_were_sent() -> Result<()> {
    let stack = lotwise_e2e::stack().await?;
    let file = stack.home().path().join("events.ndjson");
    let bindings = EdgeBindings { events: Some(file.clone()), ..EdgeBindings::default() };
    let mut worker = edge_with(EdgeOptions { bindings, ..stack.edge_options()? }, &[]).await?;
    let root = worker.root();
    let post = async |content_type: &str, body: String| {
        root.send(Method::POST, "/events", &[("content-type", content_type)], Some(body)).await
    };

    let bad = r#"{"id":"no uuid"}"#;
    let batch = format!(r#"{{"events":[{EVENT},{bad},{OTHER}]}}"#);
    let answer = post("application/json", batch).await?.expect(202)?.json();
    assert_eq!((&answer["accepted"], &answer["refused"][0]["index"]), (&json!(2), &json!(1)), "{answer}");
    post("application/x-ndjson", format!("{EVENT}\n{OTHER}\n")).await?.expect(202)?;
    post("text/plain;charset=UTF-8", format!(r#"{{"events":[{OTHER}]}}"#)).await?.expect(202)?;
    post("application/json", format!(r#"{{"events":[{bad}]}}"#)).await?.expect(422)?;

    let arrived = eventually("three messages", async || {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        Ok((text.lines().count() == 3).then_some(text))
    })
    .await?;
    let mut arrived: Vec<String> = arrived.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    arrived.sort_by_key(String::len);
    let both = format!(r#"{{"events":[{EVENT},{OTHER}]}}"#);
    assert_eq!(arrived, [format!(r#"{{"events":[{OTHER}]}}"#), both.clone(), both]);

    worker.stop().await?;
    stack.stop().await
}

#[tokio::test]
async fn a_large_batch_arrives_whole() -> Result<()> {
    let stack = lotwise_e2e::stack().await?;
    let file = stack.home().path().join("events.ndjson");
    let bindings = EdgeBindings { events: Some(file.clone()), ..EdgeBindings::default() };
    let mut worker = edge_with(EdgeOptions { bindings, ..stack.edge_options()? }, &[]).await?;
    let event = |number: usize| {
        json!({"id": format!("01a1fd49-1a15-7479-8c67-{number:012}"), "type": "track", "environment": "prod",
               "user_key": "u", "properties": "x".repeat(800)})
    };
    let events: Vec<Value> = (0..1000).map(event).collect();
    let answer = worker.root().post("/events", &json!({"events": events})).await?.expect(202)?;
    assert_eq!(answer.json()["accepted"], 1000);

    let arrived = eventually("a thousand events", async || {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let mut arrived = Vec::new();
        for line in text.lines() {
            let message: String = serde_json::from_str(line)?;
            let message: Value = serde_json::from_str(&message)?;
            arrived.extend(message["events"].as_array().context("no events")?.clone());
        }
        Ok((arrived.len() == events.len()).then_some(arrived))
    })
    .await?;
    assert!(events.iter().all(|event| arrived.contains(event)));

    worker.stop().await?;
    stack.stop().await
}

#[tokio::test]
async fn without_a_queue_nobody_is_told_to_try_again() -> Result<()> {
    let stack = lotwise_e2e::stack().await?;
    let mut worker = edge(&stack, &[]).await?;
    let batch: Value = serde_json::from_str(&format!(r#"{{"events":[{OTHER}]}}"#))?;
    let answer = worker.root().post("/events", &batch).await?.expect(404)?;
    assert_eq!(answer.json()["code"], "events_not_taken");
    worker.stop().await?;
    stack.stop().await
}
