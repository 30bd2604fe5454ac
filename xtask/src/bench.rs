//! `cargo xtask bench`: builds what is measured, and hands over to the program that measures.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::cargo::{self, build, cargo, root, run_quietly};
use crate::dev::{hand_over, program};
use crate::edge::{self, Variant};
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
