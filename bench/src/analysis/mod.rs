//! Summarising an experiment: everything anew and after new events, beside DuckDB on the same rows.

mod data;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use lotwise_control::domain::metric::{Definition, MetricKind, OWN_VALUE};
use lotwise_control::store::Store;
use lotwise_control::store::analysis::{ArmSums, Reading, Subject};
use lotwise_control::store::events::Watermark;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::load::figures::Spread;
use crate::report::{print_table, save};

const NEW_EVENTS: i64 = 10_000;
const FULL_TARGET: f64 = 3.0;
const UPDATE_TARGET_MS: f64 = 200.0;
const DAY: i64 = 86_400;

pub(crate) fn run(
    python: Option<&Path>,
    database_url: &str,
    users: i64,
    events: i64,
    rounds: usize,
) -> Result<()> {
    ensure!(rounds > 0 && users > 1_000 && events > 0, "there has to be something to measure");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(measure(python, database_url, users, events, rounds))
}

async fn measure(
    python: Option<&Path>,
    database_url: &str,
    users: i64,
    events: i64,
    rounds: usize,
) -> Result<()> {
    println!(
        "{users} exposures and {events} events, 4 variants, 5 metrics; {rounds} rounds. Incremental: \
         {NEW_EVENTS} new events each.\n"
    );
    let store = Store::connect(database_url, 4).await?;
    store.migrate().await?;
    store.make_event_partitions().await.context("making partitions")?;
    let pool = PgPool::connect(database_url).await?;
    let made = data::experiment(&pool).await?;
    data::expose(&pool, &made, users, 1).await?;
    data::happen(&pool, &made, users, events, 2).await?;
    data::analyze(&pool).await?;
    let subject = Subject {
        experiment_id: made.experiment_id,
        environment_id: made.environment_id,
        variants: made.variants.clone(),
        metrics: metrics(),
    };

    let mut full = Vec::new();
    let mut summary = None;
    for _ in 0..rounds {
        let started = Instant::now();
        summary = Some(store.summarise(&subject, &Reading { batch: 2, ..Reading::default() }).await?);
        full.push(started.elapsed().as_secs_f64() * 1e3);
    }
    let started = Instant::now();
    let watermark = |batch| Watermark { batch, at: lotwise_control::store::now() };
    let (_, kept) = store.update_sums(&subject, watermark(2)).await?;
    let first = started.elapsed().as_secs_f64() * 1e3;
    let anew = summary.context("no round")?.arms;
    require_equal(&kept, &anew)?;
    data::analyze(&pool).await?;
    let folder = PathBuf::from("target/bench/analysis");
    let duck = match python {
        Some(python) => {
            data::export(&pool, &made, &folder).await?;
            Some(duckdb(python, &folder, rounds, &anew)?)
        }
        None => None,
    };

    let mut update = Vec::new();
    for round in 0..rounds {
        let batch = 3 + i64::try_from(round)?;
        data::happen(&pool, &made, users, NEW_EVENTS, batch).await?;
        let started = Instant::now();
        store.update_sums(&subject, watermark(batch)).await?;
        update.push(started.elapsed().as_secs_f64() * 1e3);
    }
    let last = 2 + i64::try_from(rounds)?;
    let (_, kept) = store.update_sums(&subject, watermark(last)).await?;
    let anew = store.summarise(&subject, &Reading { batch: last, ..Reading::default() }).await?.arms;
    require_equal(&kept, &anew)?;
    report(&Spread::of(full), first, &Spread::of(update), duck.as_ref())
}

/// A conversion, a count, a sum, a ratio and a retention, none of them winsorised.
fn metrics() -> Vec<Definition> {
    let metric = |kind, event: &str| Definition {
        kind,
        event_name: event.to_owned(),
        value_property: None,
        denominator_event: None,
        denominator_property: None,
        quantile: None,
        filters: Vec::new(),
        window_start_seconds: 0,
        window_end_seconds: None,
        winsor_lower: None,
        winsor_upper: None,
        pre_period_seconds: None,
    };
    let own = || Some(OWN_VALUE.to_owned());
    vec![
        Definition { window_end_seconds: Some(7 * DAY), ..metric(MetricKind::Conversion, "signup") },
        metric(MetricKind::Count, "visit"),
        Definition { value_property: own(), ..metric(MetricKind::Sum, "purchase") },
        Definition {
            value_property: own(),
            denominator_event: Some("visit".to_owned()),
            ..metric(MetricKind::Ratio, "purchase")
        },
        Definition {
            window_start_seconds: DAY,
            window_end_seconds: Some(8 * DAY),
            ..metric(MetricKind::Retention, "visit")
        },
    ]
}

fn require_equal(kept: &[ArmSums], anew: &[ArmSums]) -> Result<()> {
    ensure!(kept.len() == anew.len(), "variants are missing");
    for (kept, anew) in kept.iter().zip(anew) {
        ensure!(kept.exposed == anew.exposed, "{} users, anew {}", kept.exposed, anew.exposed);
        for (kept, anew) in kept.numbers().iter().zip(anew.numbers()) {
            ensure!((kept - anew).abs() <= 1e-9 * anew.abs().max(1.0), "{kept} kept, anew {anew}");
        }
    }
    Ok(())
}

/// Runs DuckDB and holds its sums against ours.
fn duckdb(python: &Path, folder: &Path, rounds: usize, anew: &[ArmSums]) -> Result<Spread> {
    let script = Path::new("bench/analysis/duck.py");
    let output = Command::new(python).arg(script).arg(folder).arg(rounds.to_string()).output()?;
    ensure!(output.status.success(), "DuckDB: {}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout).context("what DuckDB said")?;
    for (row, arm) in said["rows"].as_array().context("no rows")?.iter().zip(anew) {
        let ours = [
            arm.exposed as f64,
            arm.of(0).y,
            arm.of(1).y,
            arm.of(1).y_sq,
            arm.of(2).y,
            arm.of(2).y_sq,
            arm.of(3).y,
            arm.of(3).y_sq,
            arm.of(3).d,
            arm.of(3).d_sq,
            arm.of(3).yd,
            arm.of(4).y,
        ];
        for (position, ours) in ours.into_iter().enumerate() {
            let theirs = row[position + 1].as_f64().unwrap_or_default();
            ensure!(
                (ours - theirs).abs() <= 1e-9 * ours.abs().max(1.0),
                "sum {position}: {ours}, DuckDB {theirs}"
            );
        }
    }
    let seconds = said["seconds"].as_array().context("no seconds")?.iter();
    Ok(Spread::of(seconds.filter_map(Value::as_f64).map(|seconds| seconds * 1e3).collect()))
}

fn report(full: &Spread, first: f64, update: &Spread, duck: Option<&Spread>) -> Result<()> {
    let row = |name: &str, it: &Spread, more: String| {
        vec![name.to_owned(), format!("{:.0} ms ({:.0})", it.best, it.median), more]
    };
    let ratio = duck.map(|duck| full.median / duck.median);
    let mut rows =
        vec![row("everything anew", full, ratio.map_or_else(String::new, |it| format!("{it:.2} × DuckDB")))];
    if let Some(duck) = duck {
        rows.push(row("the same in DuckDB", duck, String::new()));
    }
    rows.push(vec!["the kept sums, for the first time".to_owned(), format!("{first:.0} ms"), String::new()]);
    rows.push(row("after 10,000 new events", update, format!("target {UPDATE_TARGET_MS} ms")));
    print_table(&["", "best (median)", ""], &rows);
    let met = ratio.is_none_or(|it| it <= FULL_TARGET) && update.median < UPDATE_TARGET_MS;
    println!("\n{}", if met { "Targets met." } else { "A target is missed." });
    save(
        "analysis",
        &json!({
            "full_ms": full.median, "first_ms": first, "update_ms": update.median,
            "duckdb_ms": duck.map(|it| it.median), "ratio": ratio,
        }),
    )
}
