//! Benchmarks: `cargo xtask bench <name>`. Every figure names its workload; docs/benchmarks.md holds the
//! figures of record and says how they were taken.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap,
    reason = "figures are rounded for people to read"
)]

mod admin;
mod analysis;
mod calibration;
mod decide;
mod edge;
mod events;
mod http;
mod load;
mod page;
mod peers;
mod report;
mod timing;
mod workload;

use clap::{Parser, Subcommand};

/// Measures Lotwise. Figures go to the terminal as a table and to target/bench/ as JSON.
#[derive(Parser)]
#[command(name = "lotwise-bench", version)]
struct Cli {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Subcommand)]
enum Bench {
    /// Deciding and loading natively, on workload W(n) for n = 1, 10, 100, 1000.
    Decide {
        /// Seconds per figure, shared by its rounds.
        #[arg(long, default_value_t = 1.0)]
        seconds: f64,
    },
    /// Assignments against Postgres: one server process, durable, each call with its exposure.
    Admin {
        /// Users for each figure.
        #[arg(long, default_value_t = 2000)]
        users: usize,
    },
    /// Native /decide under load, beside a trivial axum handler, in one run.
    Http {
        /// The `lotwise` binary, built with --release.
        #[arg(long, default_value = "target/release/lotwise")]
        lotwise: std::path::PathBuf,
        /// Seconds per round; the two alternate.
        #[arg(long, default_value_t = 3.0)]
        seconds: f64,
        /// Rounds for each of the two.
        #[arg(long, default_value_t = 4)]
        rounds: usize,
    },
    /// The Worker in workerd, beside a hello-world Worker and a JavaScript peer, in one run.
    Edge {
        /// Seconds per round; the three alternate.
        #[arg(long, default_value_t = 2.0)]
        seconds: f64,
        /// Rounds for each of the three.
        #[arg(long, default_value_t = 4)]
        rounds: usize,
        /// How often workerd is started anew for each kind of first request.
        #[arg(long, default_value_t = 10)]
        starts: usize,
    },
    /// Durable events through `POST /events`, beside COPY of the same rows, in one run.
    Events {
        /// The `lotwise` binary, built with --release.
        #[arg(long, default_value = "target/release/lotwise")]
        lotwise: std::path::PathBuf,
        /// A Postgres for this alone, with its settings for durability as they are in production.
        #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
        database_url: String,
        /// Events per round; the two alternate.
        #[arg(long, default_value_t = 100_000)]
        events: usize,
        /// Rounds for each of the two.
        #[arg(long, default_value_t = 5)]
        rounds: usize,
    },
    /// Summarising an experiment, anew and after new events, beside DuckDB on the same rows.
    Analysis {
        /// A Python that has `duckdb`. Without it only Postgres is measured.
        #[arg(long)]
        python: Option<std::path::PathBuf>,
        /// A Postgres, which gets the rows.
        #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
        database_url: String,
        /// Users, each exposed once.
        #[arg(long, default_value_t = 1_000_000)]
        users: i64,
        /// Events.
        #[arg(long, default_value_t = 3_000_000)]
        events: i64,
        /// Rounds of each figure.
        #[arg(long, default_value_t = 5)]
        rounds: usize,
    },
    /// The page SDK: what a page downloads, and deciding in Node and Chromium, beside its peers.
    Page {
        /// The browser. Without it only Node measures.
        #[arg(long)]
        chromium: Option<std::path::PathBuf>,
        /// Seconds per round of each figure.
        #[arg(long, default_value_t = 0.02)]
        seconds: f64,
        /// Rounds for each of the three, which alternate.
        #[arg(long, default_value_t = 9)]
        rounds: usize,
    },
    /// The statistics on simulated experiments, against the bands that chance allows. Fails outside of them.
    Calibration {
        /// Another seed gives other experiments.
        #[arg(long, default_value_t = 20_261_126)]
        seed: u64,
        /// Five times as many experiments.
        #[arg(long)]
        nightly: bool,
    },
    /// The trivial handler that `http` compares with; it starts this itself.
    #[command(hide = true)]
    TrivialServer {
        /// On this port of the loopback address.
        port: u16,
    },
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().bench {
        Bench::Decide { seconds } => decide::run(seconds),
        Bench::Admin { users } => admin::run(users),
        Bench::Http { lotwise, seconds, rounds } => http::run(&lotwise, seconds, rounds),
        Bench::Edge { seconds, rounds, starts } => edge::run(seconds, rounds, starts),
        Bench::Events { lotwise, database_url, events, rounds } => {
            events::run(&lotwise, &database_url, events, rounds)
        }
        Bench::Page { chromium, seconds, rounds } => page::run(chromium.as_deref(), seconds, rounds),
        Bench::Calibration { seed, nightly } => calibration::run(seed, nightly),
        Bench::Analysis { python, database_url, users, events, rounds } => {
            analysis::run(python.as_deref(), &database_url, users, events, rounds)
        }
        Bench::TrivialServer { port } => http::trivial::serve(port),
    }
}
