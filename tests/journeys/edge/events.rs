//! Events at the edge: through the queue to the control API, or there while the client waits.

use anyhow::{Context, Result};
use lotwise_dev::{Api, EdgeBindings, EdgeOptions, EdgeWorker, Method, Stack};
use lotwise_e2e::{Prod, edge, edge_with, eventually};
use serde_json::{Value, json};

/// Key order, spacing and numbers that a JSON library would change.
const EVENT: &str = r#"{"type":"exposure", "id":"01a1fd49-1a15-7479-8c67-5a6393132135","environment":"prod","user_key":"日本-1","experiment_key":"button","variant_key":"control","properties":{"n":9007199254740993,"x":1.0}}"#;
const OTHER: &str = r#"{"id":"01a1fd49-1a15-7479-8c67-5a6393132136","type":"track","environment":"prod","user_key":"u","event_name":"buy"}"#;

/// A Worker whose messages end in this file.
async fn with_queue(stack: &Stack, file: &std::path::Path) -> Result<EdgeWorker> {
    let bindings = EdgeBindings { events: Some(file.to_owned()), ..EdgeBindings::default() };
    edge_with(EdgeOptions { bindings, ..stack.edge_options()? }, &[]).await
}

/// A Worker that takes its own messages; what it gives up ends in this file.
async fn delivering(stack: &Stack, file: &std::path::Path, vars: &[(&str, &str)]) -> Result<EdgeWorker> {
    let bindings = EdgeBindings { deliver: Some(file.to_owned()), ..EdgeBindings::default() };
    edge_with(EdgeOptions { bindings, ..stack.edge_options()? }, vars).await
}

/// The bodies of the messages in a file, and what the first lines say.
fn messages(file: &std::path::Path) -> Result<Vec<(Value, String)>> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let split = |line: &str| {
        let message: String = serde_json::from_str(line)?;
        let (head, body) = message.split_once('\n').context("one line")?;
        Ok((serde_json::from_str(head)?, body.to_owned()))
    };
    text.lines().map(split).collect()
}

fn track(number: usize) -> Value {
    json!({"id": format!("01a1fd49-1a15-7479-8c67-{number:012}"), "type": "track", "environment": "prod",
           "user_key": "u", "event_name": "buy"})
}

async fn until_kept(stack: &Stack, sql: &str, number: i64) -> Result<()> {
    eventually(sql, async || Ok((stack.number(sql).await? == number).then_some(()))).await
}

#[tokio::test]
async fn events_reach_the_queue_as_they_were_sent() -> Result<()> {
    let stack = lotwise_e2e::stack().await?;
    let file = stack.home().path().join("events.ndjson");
    let mut worker = with_queue(&stack, &file).await?;
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

    let mut arrived = eventually("three messages", async || {
        let arrived = messages(&file)?;
        Ok((arrived.len() == 3).then_some(arrived))
    })
    .await?;
    arrived.sort_by_key(|(_, body)| body.len());
    let both = format!(r#"{{"events":[{EVENT},{OTHER}]}}"#);
    let bodies: Vec<_> = arrived.iter().map(|(_, body)| body.as_str()).collect();
    assert_eq!(bodies, [format!(r#"{{"events":[{OTHER}]}}"#).as_str(), &both, &both]);
    assert!(arrived.iter().all(|(head, _)| head["is_verified"] == false));

    worker.stop().await?;
    stack.stop().await
}

#[tokio::test]
async fn a_large_batch_arrives_whole() -> Result<()> {
    let stack = lotwise_e2e::stack().await?;
    let file = stack.home().path().join("events.ndjson");
    let mut worker = with_queue(&stack, &file).await?;
    let large = |number: usize| {
        let mut event = track(number);
        event["properties"] = json!({"x": "x".repeat(800)});
        event
    };
    let events: Vec<Value> = (0..1000).map(large).collect();
    let answer = worker.root().post("/events", &json!({"events": events})).await?.expect(202)?;
    assert_eq!(answer.json()["accepted"], 1000);

    let arrived = eventually("a thousand events", async || {
        let mut arrived = Vec::new();
        for (_, body) in messages(&file)? {
            let message: Value = serde_json::from_str(&body)?;
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
async fn what_the_edge_accepts_is_in_postgres_once() -> Result<()> {
    let Prod { stack, .. } = Prod::new().await?;
    let dead = stack.home().path().join("dead.ndjson");
    let mut worker = delivering(&stack, &dead, &[]).await?;
    let events: Vec<Value> = (0..500).map(track).collect();
    for _ in 0..3 {
        worker.root().post("/events", &json!({"events": events})).await?.expect(202)?;
    }
    let exposure: Value = serde_json::from_str(EVENT)?;
    worker.root().post("/events", &json!({"events": [exposure]})).await?.expect(202)?;
    until_kept(&stack, "select count(*) from exposures where not is_verified", 1).await?;
    until_kept(&stack, "select count(*) from events", 500).await?;
    until_kept(&stack, "select count(distinct id) from events", 500).await?;
    // What nobody will ever take is put aside, where somebody can look at it.
    let mut strange = track(501);
    strange["environment"] = json!("nowhere");
    worker.root().post("/events", &json!({"events": [strange]})).await?.expect(202)?;
    let (_, body) = eventually("a dead message", async || Ok(messages(&dead)?.pop())).await?;
    assert!(body.contains("nowhere"), "{body}");
    assert_eq!(stack.number("select count(*) from events").await?, 500);
    worker.stop().await?;
    stack.stop().await
}

#[tokio::test]
async fn while_the_control_api_is_away_events_wait_in_the_queue() -> Result<()> {
    let Prod { mut stack, .. } = Prod::new().await?;
    let dead = stack.home().path().join("dead.ndjson");
    let mut worker = delivering(&stack, &dead, &[]).await?;
    stack.server.kill().await?;
    let events: Vec<Value> = (0..50).map(track).collect();
    worker.root().post("/events", &json!({"events": events})).await?.expect(202)?;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    stack.server.restart(&[]).await?;
    until_kept(&stack, "select count(*) from events", 50).await?;
    assert!(messages(&dead)?.is_empty());
    worker.stop().await?;
    stack.stop().await
}

#[tokio::test]
async fn a_worker_vouches_for_those_with_a_secret_key_and_for_nobody_else() -> Result<()> {
    let Prod { mut stack, .. } = Prod::new().await?;
    stack.server.restart(&[("SECRET_KEYS", "sk_of-the-worker")]).await?;
    let dead = stack.home().path().join("dead.ndjson");
    let vars = [
        ("SECRET_KEYS", "sk_of-a-server"),
        ("PUBLISHABLE_KEYS", "pk_page"),
        ("EVENTS_KEY", "sk_of-the-worker"),
    ];
    let mut queueing = delivering(&stack, &dead, &vars).await?;
    let mut forwarding = edge(&stack, &vars).await?;
    let mut number = 0;
    for worker in [&queueing, &forwarding] {
        for key in ["sk_of-a-server", "pk_page", ""] {
            number += 1;
            let body = json!({"events": [track(number)]}).to_string();
            let headers = [("x-api-key", key), ("x-request-id", "req-7")];
            worker.root().send(Method::POST, "/events", &headers, Some(body)).await?.expect(202)?;
        }
    }
    until_kept(&stack, "select count(*) from events where request_id = 'req-7'", 6).await?;
    assert_eq!(stack.number("select count(*) from events where is_verified").await?, 2);
    queueing.stop().await?;
    forwarding.stop().await?;
    stack.stop().await
}

#[tokio::test]
async fn without_a_queue_the_client_waits_for_the_control_api() -> Result<()> {
    let Prod { mut stack, .. } = Prod::new().await?;
    let mut worker = edge(&stack, &[]).await?;
    let root: Api = worker.root();
    let mut strange = track(1);
    strange["environment"] = json!("nowhere");
    let batch = json!({"events": [track(0), strange.clone(), {"id": 7}, track(2)]});
    let answer = root.post("/events", &batch).await?.expect(202)?.json();
    // Kept, and not on its way: no waiting here.
    assert_eq!(stack.number("select count(*) from events").await?, 2);
    let refused: Vec<_> = (0..2)
        .map(|it| (answer["refused"][it]["index"].clone(), answer["refused"][it]["code"].clone()))
        .collect();
    assert_eq!(
        refused,
        [(json!(1), json!("unknown_environment")), (json!(2), json!("invalid_id"))],
        "{answer}"
    );
    assert_eq!(
        root.post("/events", &json!({"events": [strange]})).await?.expect(422)?.json()["code"],
        "no_event_accepted"
    );

    stack.server.kill().await?;
    let answer = root.post("/events", &json!({"events": [track(3)]})).await?.expect(503)?;
    assert_eq!(answer.json()["code"], "events_unavailable");
    assert_eq!(answer.header("retry-after"), "1");
    stack.server.restart(&[]).await?;
    root.post("/events", &json!({"events": [track(3)]})).await?.expect(202)?;
    assert_eq!(stack.number("select count(*) from events").await?, 3);
    worker.stop().await?;
    stack.stop().await
}

#[tokio::test]
async fn a_worker_that_cannot_keep_events_tells_nobody_to_try_again() -> Result<()> {
    let stack = lotwise_e2e::stack().await?;
    let mut worker = edge(&stack, &[("CONTROL_API_URL", "")]).await?;
    let answer = worker.root().post("/events", &json!({"events": [track(0)]})).await?.expect(404)?;
    assert_eq!(answer.json()["code"], "events_not_taken");
    worker.restart(&[("CONTROL_API_URL", "lotwise.example")]).await?;
    worker.root().post("/events", &json!({"events": [track(0)]})).await?.expect(503)?;
    worker.stop().await?;
    stack.stop().await
}
