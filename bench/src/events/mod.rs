//! Durable events per second through `POST /events`, beside COPY of the same rows into a table with the same
//! columns, partitions and indexes, and the id as its key, on the same Postgres in the same run.

mod copy;
mod load;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use self::copy::Copied;
use self::load::{BATCH, CONNECTIONS, Sender};
use crate::load::child::{Child, free_address};
use crate::load::cpu::load_average;
use crate::load::figures::Spread;
use crate::report::{print_table, save};

/// Of what COPY does per second.
const TARGET: f64 = 0.5;

pub(crate) fn run(lotwise: &Path, database_url: &str, events: usize, rounds: usize) -> Result<()> {
    ensure!(rounds > 0 && events >= BATCH, "there has to be something to measure");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(compare(lotwise, database_url, events / BATCH * BATCH, rounds))
}

async fn compare(lotwise: &Path, database_url: &str, events: usize, rounds: usize) -> Result<()> {
    println!(
        "{events} events per round, a quarter exposures, in batches of {BATCH} over {CONNECTIONS} connections; \
         {rounds} rounds, alternating with one COPY per table. Load average before: {}.\n",
        load_average().as_deref().unwrap_or("not known here"),
    );
    let server = server(lotwise, database_url)?;
    let mut sender = Sender::start(&server).await.with_context(|| server.complaint())?;
    let mut copied = Copied::prepare(database_url).await?;
    sender.round(events / 10 / BATCH * BATCH + BATCH).await.context("warming up")?;
    copied.round().await?;
    let (mut ingest, mut copy, mut latencies) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let round = sender.round(events).await?;
        ingest.push(-(events as f64 / round.elapsed.as_secs_f64()));
        latencies.extend(round.latencies);
        let (rows, elapsed) = copied.round().await?;
        ensure!(rows == events, "{events} events were acknowledged, {rows} rows are there");
        copy.push(-(rows as f64 / elapsed.as_secs_f64()));
    }
    latencies.sort_unstable();
    report(&Spread::of(ingest), &Spread::of(copy), &latencies)
}

fn report(ingest: &Spread, copy: &Spread, latencies: &[Duration]) -> Result<()> {
    let percentile = |percent: usize| latencies[(latencies.len() - 1) * percent / 100].as_secs_f64() * 1e3;
    let row = |name: &str, it: &Spread, more: [String; 2]| {
        let [p50, p99] = more;
        vec![name.to_owned(), format!("{:.0} ({:.0})", -it.best, -it.median), p50, p99]
    };
    let ours = [format!("{:.1} ms", percentile(50)), format!("{:.1} ms", percentile(99))];
    print_table(
        &["", "events/s, best (median)", "batch p50", "p99"],
        &[row("POST /events", ingest, ours), row("COPY", copy, [String::new(), String::new()])],
    );
    let (best, median) = (ingest.best / copy.best, ingest.median / copy.median);
    println!(
        "\nPOST /events / COPY: {best:.2} (median {median:.2}); the target is at least {TARGET}: {}.",
        if best >= TARGET { "met" } else { "missed" },
    );
    let figures = json!({
        "batch": BATCH, "connections": CONNECTIONS, "events_per_second": -ingest.best,
        "events_per_second_median": -ingest.median, "copy_per_second": -copy.best,
        "copy_per_second_median": -copy.median, "ratio": best, "ratio_median": median, "target": TARGET,
        "p50_ms": percentile(50), "p99_ms": percentile(99), "load_average_after": load_average(),
    });
    save("events", &figures)
}

/// `lotwise` in the control role. Nothing is published, so its store is nowhere.
fn server(program: &Path, database_url: &str) -> Result<Child> {
    let program = program.canonicalize().with_context(|| {
        format!("{}: build it with `cargo build --release -p lotwise-control`", program.display())
    })?;
    let address = free_address()?;
    let port = address.port().to_string();
    let arguments = [
        "serve",
        "--role=control",
        "--allow-anonymous-admin",
        "--migrate",
        "--config-base-url=http://127.0.0.1:9/nowhere",
        "--aws-access-key-id=none",
        "--aws-secret-access-key=none",
        "--database-url",
        database_url,
        "--experiment-service-port",
        &port,
    ];
    Child::start("events-lotwise", &program, arguments, address)
}
