//! `cargo xtask bench`: builds what is measured, and hands over to the program that measures.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::cargo::{self, build, cargo, root, run_quietly};
use crate::dev::{hand_over, program};
use crate::edge::{self, Variant};
use crate::test::quoted;
use crate::{sdk, tool};

pub(crate) fn run(arguments: Vec<String>) -> Result<bool> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--release", "--package", "lotwise-bench", "--"]);
    let name = arguments.first().cloned().unwrap_or_default();
    let names_lotwise = arguments.iter().any(|argument| argument.starts_with("--lotwise"));
    command.args(arguments);
    if ["admin", "http"].contains(&name.as_str()) && !names_lotwise {
        let built = build(&["build", "--release", "--package", "lotwise-control", "--bin", "lotwise"])?;
        let lotwise = program(&built, "lotwise")?;
        match name.as_str() {
            // The stack that it starts looks there.
            "admin" => command.env("LOTWISE_BIN", lotwise),
            _ => command.arg("--lotwise").arg(lotwise),
        };
    }
    if name == "events" {
        return events(command, names_lotwise);
    }
    if name == "analysis" {
        command.arg("--python").arg(tool::duckdb()?.join("python"));
        return with_postgres(&command);
    }
    if name == "edge" {
        edge::build(Variant::Production)?;
        edge::build(Variant::Hello)?;
        growthbook_worker()?;
    }
    if name == "page" {
        sdk::build()?;
        tool::node_programs(&page_folder())?;
        command.arg("--chromium").arg(tool::chromium()?);
    }
    hand_over(&mut command)
}

/// Measures with a Postgres that syncs. With `--kills N`, kills the server under load instead, and reconciles.
fn events(mut bench: Command, names_lotwise: bool) -> Result<bool> {
    let arguments: Vec<String> = bench.get_args().map(|it| it.to_string_lossy().into_owned()).collect();
    if let Some(place) = arguments.iter().position(|it| it == "--kills") {
        let mut test = cargo();
        test.args([
            "test",
            "--package",
            "lotwise-e2e",
            "--test",
            "journeys",
            "events_crash",
            "--",
            "--nocapture",
        ]);
        test.env("LOTWISE_KILLS", arguments.get(place + 1).map_or("100", String::as_str));
        return cargo::run(&mut test);
    }
    let dev = program(&build(&["build", "--quiet", "--package", "lotwise-dev", "--bins"])?, "lotwise-dev")?;
    if !names_lotwise {
        let built = build(&["build", "--release", "--package", "lotwise-control", "--bin", "lotwise"])?;
        bench.arg("--lotwise").arg(program(&built, "lotwise")?);
    }
    run_beside(dev, &bench)
}

/// Runs a benchmark with a Postgres that syncs.
fn with_postgres(bench: &Command) -> Result<bool> {
    run_beside(
        program(&build(&["build", "--quiet", "--package", "lotwise-dev", "--bins"])?, "lotwise-dev")?,
        bench,
    )
}

fn run_beside(dev: PathBuf, bench: &Command) -> Result<bool> {
    let words = std::iter::once(bench.get_program()).chain(bench.get_args());
    let line: Vec<String> = words.map(|word| quoted(&word.to_string_lossy())).collect();
    hand_over(
        Command::new(dev).args(["postgres", "--durable", "--exec", &line.join(" ")]).current_dir(root()),
    )
}

/// Weighs what a page downloads. False when it is over the budget in bench/page/budget.json.
pub(crate) fn page_size() -> Result<bool> {
    sdk::build()?;
    tool::node_programs(&page_folder())?;
    cargo::run(Command::new("node").arg(page_folder().join("size.mjs")))
}

fn page_folder() -> PathBuf {
    root().join("bench/page")
}

/// Bundles the peer into the folder `build` beside it.
fn growthbook_worker() -> Result<()> {
    let folder = root().join("bench/growthbook-worker");
    tool::node_programs(&folder)?;
    let mut esbuild = Command::new(tool::edge_programs()?.join("esbuild"));
    esbuild.args(["worker.mjs", "--bundle", "--minify", "--format=esm", "--outfile=build/index.js"]);
    run_quietly(esbuild.current_dir(folder))
}
