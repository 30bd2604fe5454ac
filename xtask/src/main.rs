//! The project's own commands: `cargo xtask --help`.
//!
//! Kept light to compile: what needs a runtime or a network is in `lotwise-dev`, which is built
//! and started from here.

mod bench;
mod cargo;
mod check;
mod dev;
mod edge;
mod openapi;
mod sdk;
mod steps;
mod test;
mod tidy;
mod tool;
mod vectors;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use edge::Variant;

/// Lotwise's own commands
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run everything on this machine: Postgres, an object store, the server, the edge Worker
    ///
    /// Prints the addresses and then `ready`; Ctrl-C stops all of it. Data stays in `.dev/`. Ports
    /// 3000, 9000 and 8787, or those in PORT, `STORE_PORT` and `EDGE_PORT`. Uses the database that
    /// `DATABASE_URL` names, if any, instead of a private one.
    Dev {
        /// Start empty: remove the data of earlier runs
        #[arg(long)]
        fresh: bool,
        /// Run a command against a stack of its own, stop everything, and return its exit code
        ///
        /// The stack has free ports and temporary data, so that it can run beside another. The
        /// command goes through `sh -c` and sees `LOTWISE_API_URL` (ends in /api),
        /// `LOTWISE_DECIDE_URL` and `LOTWISE_EDGE_URL` (append /decide), `LOTWISE_CDN_URL` and
        /// `DATABASE_URL`.
        #[arg(long, value_name = "COMMAND", conflicts_with = "fresh")]
        exec: Option<String>,
        /// Leave the edge Worker out: it needs Node, and minutes to be built the first time
        #[arg(long)]
        no_edge: bool,
    },
    /// Create the README's experiment on a running server, and decide
    Demo {
        /// The server
        #[arg(long, default_value = "http://localhost:3000")]
        url: String,
    },
    /// Run every test, or the named steps; sets up what it needs
    Test {
        /// Only these steps
        #[arg(value_name = "STEP")]
        steps: Vec<String>,
        /// List the steps
        #[arg(long)]
        list: bool,
    },
    /// Check formatting, lints, the direction of imports, and tidiness
    Check,
    /// Run golden files against the core, or against the statistics
    ///
    /// Prints each failing case and ends with `N passed, N failed`.
    Vectors {
        /// Where the core runs
        #[arg(long, value_enum, default_value = "native")]
        runtime: vectors::Runtime,
        /// Golden files of statistics; those of the project where no path is given
        #[arg(long, conflicts_with = "runtime")]
        statistics: bool,
        /// Golden files, or folders of them
        #[arg(required_unless_present = "statistics", value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Build the edge Worker for production, into edge-worker/build, and print its size
    ///
    /// Needs Node with npm. The first time it installs what it needs, which takes some minutes.
    Edge {
        /// Build it with the routes that only tests ask for, into edge-worker/build-golden
        #[arg(long)]
        golden: bool,
    },
    /// Build the npm package for pages, in js-sdk/dist
    ///
    /// Needs Node with npm. The first time it installs what it needs, which takes some minutes.
    Sdk,
    /// Measure: decide, http, edge, page, admin, events, analysis, calibration
    Bench {
        /// What to measure, and arguments for it
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Write control-api/openapi.json anew
    Openapi,
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<bool> {
    match command {
        Command::Dev { fresh, exec, no_edge } => dev::stack(fresh, exec, no_edge),
        Command::Demo { url } => dev::demo(url),
        Command::Test { list: true, .. } => Ok(test::list()),
        Command::Test { steps, .. } => test::run(&steps),
        Command::Check => Ok(check::all()),
        Command::Vectors { statistics: true, paths, .. } => vectors::statistics(&paths),
        Command::Vectors { runtime, paths, .. } => vectors::run(runtime, &paths),
        Command::Edge { golden: false } => edge::build_and_weigh(Variant::Production),
        Command::Edge { golden: true } => edge::build_and_weigh(Variant::Golden),
        Command::Bench { arguments } => bench::run(arguments),
        Command::Sdk => sdk::build().map(|_| true),
        Command::Openapi => openapi::write(),
    }
}
