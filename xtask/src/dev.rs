//! The commands that hand over to another program.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

use anyhow::{Context, Result};

use crate::cargo::{Executable, build};
use crate::edge::{self, Variant};

/// `cargo xtask dev`.
pub(crate) fn stack(fresh: bool, exec: Option<String>, no_edge: bool) -> Result<bool> {
    let programs = Programs::build()?;
    let mut command = Command::new(programs.dev);
    command.env("LOTWISE_BIN", programs.lotwise).arg("stack");
    if no_edge {
        command.arg("--no-edge");
    } else if std::env::var_os("LOTWISE_EDGE_DIR").is_none() {
        let folder = edge::build(Variant::Production).context("--no-edge goes without the Worker")?;
        command.env("LOTWISE_EDGE_DIR", folder);
    }
    if let Some(line) = exec {
        command.arg("--exec").arg(line);
    } else {
        command.arg("--home").arg(crate::cargo::root().join(".dev"));
    }
    if fresh {
        command.arg("--fresh");
    }
    hand_over(&mut command)
}

/// `cargo xtask demo`.
pub(crate) fn demo(url: String) -> Result<bool> {
    let programs = Programs::build()?;
    hand_over(Command::new(programs.dev).args(["demo", "--url"]).arg(url))
}

/// The program takes our place, so that Ctrl-C and the exit code are its own business.
pub(crate) fn hand_over(command: &mut Command) -> Result<bool> {
    Err(command.exec()).context("starting a program that was just built")
}

struct Programs {
    dev: std::path::PathBuf,
    lotwise: std::path::PathBuf,
}

impl Programs {
    /// Builds them, unless whoever starts us did and says where they are.
    fn build() -> Result<Self> {
        let given = |name| std::env::var_os(name).map(std::path::PathBuf::from);
        if let (Some(dev), Some(lotwise)) = (given("LOTWISE_DEV_BIN"), given("LOTWISE_BIN")) {
            return Ok(Self { dev, lotwise });
        }
        let packages = ["--package", "lotwise-dev", "--package", "lotwise-control"];
        let mut arguments = vec!["build", "--quiet", "--bins"];
        arguments.extend(packages);
        let built = build(&arguments)?;
        Ok(Self { dev: program(&built, "lotwise-dev")?, lotwise: program(&built, "lotwise")? })
    }
}

/// A program, not its tests, among what was built.
pub(crate) fn program(built: &[Executable], name: &str) -> Result<std::path::PathBuf> {
    let found = built.iter().find(|executable| executable.target == name && !executable.is_test);
    let found = found.with_context(|| format!("cargo did not build `{name}`"))?;
    Ok(found.path.clone())
}
