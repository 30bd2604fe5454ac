//! Dry runs and publishes of large environments.

use std::fmt::Write;
use std::time::Instant;

use anyhow::{Result, ensure};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lotwise_dev::{Api, Stack};
use serde_json::{Map, Value, json};

use crate::workload;

/// Environments by their number of experiments.
const SIZES: [usize; 2] = [1_000, 10_000];
/// Experiments that have other weights when they are published again.
const CHANGED: usize = 1_000;
/// Subjects of the dry run with a sample.
const SUBJECTS: usize = 100_000;
/// The environment that the sample is tried on.
const SAMPLED: usize = 1_000;
/// Dry runs of each kind, which change nothing; the best counts.
const ROUNDS: usize = 3;
/// Requests at once while something is made or changed.
const AT_ONCE: usize = 8;
/// So many experiments are made before it is told.
const STRETCH: usize = 1_000;

/// Measures, and gives the figures by name, in seconds.
pub(super) async fn measure(stack: &Stack) -> Result<Map<String, Value>> {
    let api = &stack.server.api();
    let mut figures = Map::new();
    for size in SIZES {
        let environment = format!("bench-{size}");
        set_up(api, &environment, size).await?;
        let path = format!("/environments/{environment}/publish");
        let dry = format!("{path}?dryRun=true");
        record(
            &mut figures,
            format!("first publish, {size} experiments"),
            timed(api, &path, &json!({})).await?,
        );
        change(api, &environment).await?;
        let (seen, seconds) = best(api, &dry, &json!({})).await?;
        ensure!(seen["movesUsers"] == true, "the dry run sees nobody move");
        record(&mut figures, format!("dry run, {size} experiments"), (seen.clone(), seconds));
        if size == SAMPLED {
            let subjects: Vec<Value> = workload::users(SUBJECTS)
                .iter()
                .map(|user| Ok(json!({"user_key": user.key, "context": serde_json::from_str::<Value>(&user.context)?})))
                .collect::<Result<_>>()?;
            let sampled = best(api, &dry, &json!({"subjects": subjects})).await?;
            ensure!(sampled.0["sample"]["subjects"] == SUBJECTS, "not all subjects were counted");
            record(&mut figures, format!("dry run, {size} experiments, {SUBJECTS} subjects"), sampled);
        }
        let body = json!({"confirm": seen["confirm"]});
        record(
            &mut figures,
            format!("publish of {CHANGED} changed of {size} experiments"),
            timed(api, &path, &body).await?,
        );
        let kill = format!("/experiments/{environment}:e-00000/kill");
        record(&mut figures, format!("kill, {size} experiments"), timed(api, &kill, &json!({})).await?);
    }
    Ok(figures)
}

/// Tells a figure at once: the last ones take long to come by.
fn record(figures: &mut Map<String, Value>, name: String, (_, seconds): (Value, f64)) {
    println!("{name}: {seconds:.3} s");
    figures.insert(name, json!(seconds));
}

async fn timed(api: &Api, path: &str, body: &Value) -> Result<(Value, f64)> {
    let start = Instant::now();
    let answer = api.post(path, body).await?.success()?;
    Ok((answer.json(), start.elapsed().as_secs_f64()))
}

async fn best(api: &Api, path: &str, body: &Value) -> Result<(Value, f64)> {
    let mut best = timed(api, path, body).await?;
    for _ in 1..ROUNDS {
        let round = timed(api, path, body).await?;
        if round.1 < best.1 {
            best = round;
        }
    }
    Ok(best)
}

/// Running experiments as in workload W: a third of them without targeting.
async fn set_up(api: &Api, environment: &str, size: usize) -> Result<()> {
    api.post("/environments", &json!({"name": environment})).await?.success()?;
    let started = Instant::now();
    for first in (0..size).step_by(STRETCH) {
        let make = |index| make(api, environment, index);
        let stretch = first..size.min(first + STRETCH);
        stream::iter(stretch).map(make).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        println!(
            "made {} of {size} experiments in {:.0} s",
            first + STRETCH,
            started.elapsed().as_secs_f64()
        );
    }
    Ok(())
}

async fn make(api: &Api, environment: &str, index: usize) -> Result<()> {
    let rule = json!({"conditions": [
        {"attribute": "country", "operator": "in", "value": ["US", "CA", "GB", "DE", "FR", "ES", "IT", "NL", "SE", "NO"]},
        {"attribute": "plan", "operator": "eq", "value": "pro"},
    ]});
    let other = json!({"conditions": [
        {"attribute": "age", "operator": "gt", "value": 18 + index % 50},
        {"attribute": "device", "operator": "eq", "value": "ios"},
    ]});
    let rules = match index % 3 {
        0 => json!([]),
        1 => json!([rule]),
        _ => json!([rule, other]),
    };
    let mut key = String::new();
    write!(key, "e-{index:05}")?;
    let body = json!({"key": key, "environment": environment, "targetingRules": rules, "variants": [
        {"key": "control", "weight": 1, "payload": {"color": "#0066cc"}},
        {"key": "treatment", "weight": 1, "payload": {"color": "#00cc66"}},
    ]});
    api.post("/experiments", &body).await?.success()?;
    api.post(&format!("/experiments/{environment}:{key}/start"), &json!({})).await?.success()?;
    Ok(())
}

/// Other weights in the first experiments.
async fn change(api: &Api, environment: &str) -> Result<()> {
    let change = |index: usize| async move {
        let body = json!({"weights": {"control": 3, "treatment": 7}});
        let path = format!("/experiments/{environment}:e-{index:05}/weights");
        api.put(&path, &body).await?.success().map(drop)
    };
    stream::iter(0..CHANGED).map(change).buffer_unordered(AT_ONCE).try_collect().await
}
