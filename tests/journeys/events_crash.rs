//! The server, and now and then Postgres, are killed under load: nothing that was acknowledged is lost, and
//! nothing counts twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use lotwise_dev::{Api, DatabaseChoice, Durability, Home, Stack, StackOptions};
use lotwise_e2e::{Admin, two_variants};
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// Unless `LOTWISE_KILLS` says otherwise.
const KILLS: u32 = 10;
const CLIENTS: usize = 6;
const BATCH: i64 = 40;

/// What clients share.
struct Load {
    next: AtomicI64,
    /// Requests that were sent again because nobody had acknowledged them.
    resent: AtomicI64,
    is_over: AtomicBool,
}

#[tokio::test]
async fn acknowledged_events_are_there_once_after_every_crash() -> Result<()> {
    let kills = std::env::var("LOTWISE_KILLS").ok().map_or(Ok(KILLS), |text| text.parse())?;
    let options = StackOptions {
        database: DatabaseChoice::Private,
        durability: Durability::Durable,
        ..StackOptions::disposable()
    };
    let mut stack = Stack::start(Home::temporary()?, options).await?;
    let admin = Admin::new(stack.server.api());
    let environment = admin.environment("prod").await?;
    let experiment = admin.running(&environment, "button", two_variants()).await?;
    admin.publish(&environment).await?;

    let load = Arc::new(Load { next: 0.into(), resent: 0.into(), is_over: false.into() });
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        clients.spawn(send_until_over(stack.server.root(), Arc::clone(&load)));
    }
    for kill in 0..kills {
        // Different moments of a batch's life.
        tokio::time::sleep(Duration::from_millis(250 + u64::from(kill * 37 % 100))).await;
        if kill % 4 == 3 {
            stack.postgres.kill().await?;
            stack.server.kill().await?;
            stack.postgres.restart().await?;
        } else {
            stack.server.kill().await?;
        }
        stack.server.restart(&[]).await?;
    }
    load.is_over.store(true, Ordering::Relaxed);
    while let Some(ended) = clients.join_next().await {
        ended?.context("a client")?;
    }
    let sent = load.next.load(Ordering::Relaxed);
    let resent = load.resent.load(Ordering::Relaxed);
    assert!(sent > 10 * BATCH && resent > 0, "too little to tell: {sent} events, {resent} sent again");
    reconcile(&stack, sent).await?;

    // Checked and counted once, too: half are exposures, of which every tenth names a version that there is not.
    let quality =
        admin.api.get(&format!("/experiments/{experiment}/exposures/quality")).await?.expect(200)?.json();
    assert_eq!(quality["exposures"], sent / 2, "{quality}");
    assert_eq!(quality["quarantined"], sent / 20, "{quality}");
    println!("{kills} kills, {sent} events acknowledged and found once, {resent} requests sent again");
    stack.stop().await
}

/// The numbers of the kept events are 0 to `sent`, each once.
async fn reconcile(stack: &Stack, sent: i64) -> Result<()> {
    let numbers = "select ('x' || right(id::text, 12))::bit(48)::bigint as number from";
    let all = format!("({numbers} events union all {numbers} exposures) as kept");
    assert_eq!(stack.number(&format!("select count(*) from {all}")).await?, sent, "kept");
    assert_eq!(stack.number(&format!("select count(distinct number) from {all}")).await?, sent, "distinct");
    assert_eq!(stack.number(&format!("select max(number) from {all}")).await?, sent - 1, "the last");
    assert_eq!(stack.number(&format!("select min(number) from {all}")).await?, 0, "the first");
    Ok(())
}

/// Sends batches, each again and again until it is acknowledged, as every client of `/events` does.
async fn send_until_over(root: Api, load: Arc<Load>) -> Result<()> {
    while !load.is_over.load(Ordering::Relaxed) {
        let first = load.next.fetch_add(BATCH, Ordering::Relaxed);
        let events: Vec<Value> = (first..first + BATCH).map(event).collect();
        let batch = json!({ "events": events });
        loop {
            match root.post("/events", &batch).await {
                Ok(answer) if answer.status == 202 => {
                    assert_eq!(answer.json()["accepted"], BATCH, "{}", answer.text);
                    break;
                }
                Ok(answer) => assert!(matches!(answer.status, 429 | 503), "{}", answer.text),
                // The connection broke: it may be kept or not.
                Err(_) => {}
            }
            load.resent.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    Ok(())
}

fn event(number: i64) -> Value {
    let id = format!("01a1fd49-1a15-7479-8c67-{number:012x}");
    if number % 2 == 0 {
        return json!({"id": id, "type": "track", "environment": "prod", "user_key": "u", "event_name": "buy"});
    }
    let mut exposure = json!({"id": id, "type": "exposure", "environment": "prod", "user_key": format!("u-{number}"),
        "experiment_key": "button", "variant_key": "control", "reason": "SPLIT"});
    if number % 20 == 1 {
        exposure["config_version"] = json!(99);
    }
    exposure
}
