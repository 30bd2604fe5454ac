//! The tests of the workspace, built together and run by package.
//!
//! Building with `--workspace` once, and then running the programs ourselves, keeps cargo from
//! building dependencies again with the features of each package alone.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Result, bail};

use crate::cargo::{Executable, HOST_PACKAGES, build, cargo, run};
use crate::dev::program;
use crate::edge::{self, Variant};
use crate::{sdk, tool};

const API: &str = "lotwise-control";
const JOURNEYS: &str = "lotwise-e2e";

/// All tests, and the programs that they start.
pub(super) struct Built {
    tests: Vec<Executable>,
    dev: PathBuf,
    lotwise: PathBuf,
}

impl Built {
    /// Builds on first use.
    pub(super) fn get() -> Result<&'static Self> {
        static BUILT: OnceLock<Result<Built, String>> = OnceLock::new();
        match BUILT.get_or_init(|| Self::build().map_err(|error| format!("{error:#}"))) {
            Ok(built) => Ok(built),
            Err(error) => bail!("{error}"),
        }
    }

    fn build() -> Result<Self> {
        let mut built = build(&[&["test", "--no-run"], &HOST_PACKAGES[..]].concat())?;
        // Cargo builds a package's programs along with its integration tests only.
        if program(&built, "lotwise").is_err() || program(&built, "lotwise-dev").is_err() {
            built.extend(build(&[&["build", "--bins"], &HOST_PACKAGES[..]].concat())?);
        }
        let (dev, lotwise) = (program(&built, "lotwise-dev")?, program(&built, "lotwise")?);
        built.retain(|executable| executable.is_test);
        Ok(Self { tests: built, dev, lotwise })
    }

    /// The program that brings up the parts, and where it finds the others.
    pub(super) fn dev_command(&self) -> Command {
        let mut command = Command::new(&self.dev);
        command.env("LOTWISE_BIN", &self.lotwise).env("LOTWISE_DEV_BIN", &self.dev);
        command
    }

    /// Runs a shell line with a Postgres at hand.
    pub(super) fn run_with_postgres(&self, line: &str) -> Result<bool> {
        let mut command = self.dev_command();
        command.args(["postgres", "--exec", line]);
        run(command.stdin(Stdio::null()))
    }

    /// A shell line that runs every chosen test program and fails when one does.
    pub(super) fn line(&self, choose: impl Fn(&Executable) -> bool, arguments: &str) -> String {
        let mut line = String::from("failed=0; ");
        for test in self.tests.iter().filter(|test| choose(test)) {
            let folder = quoted(&test.folder.to_string_lossy());
            let path = quoted(&test.path.to_string_lossy());
            let _ = write!(
                line,
                "echo; echo '-- {} {}'; \
                 cd {folder} && CARGO_MANIFEST_DIR={folder} {path} {arguments} || failed=1; ",
                test.package, test.target,
            );
        }
        line + "exit $failed"
    }
}

/// Everything that needs nothing outside its own process, or starts it itself.
pub(super) fn unit() -> Result<bool> {
    let built = Built::get()?;
    let line = built.line(|test| test.package != API && test.package != JOURNEYS, "");
    let mut shell = Command::new("sh");
    shell.args(["-c", &line]).env("LOTWISE_BIN", &built.lotwise).stdin(Stdio::null());
    eprintln!("$ the tests of every package but {API} and {JOURNEYS}");
    Ok(shell.status()?.success())
}

/// Documentation examples.
pub(super) fn docs() -> Result<bool> {
    run(cargo().args(["test", "--doc"]).args(HOST_PACKAGES))
}

/// The control API.
pub(super) fn api() -> Result<bool> {
    let built = Built::get()?;
    built.run_with_postgres(&built.line(|test| test.package == API, ""))
}

/// The real stack. One journey at a time: each has processes of its own and some measure time.
pub(super) fn journeys() -> Result<bool> {
    let built = Built::get()?;
    let folder = |variant| Ok::<_, anyhow::Error>(quoted(&edge::build(variant)?.to_string_lossy()));
    let (edge, golden) = (folder(Variant::Production)?, folder(Variant::Golden)?);
    tool::openfeature_clients()?;
    sdk::build()?;
    let chromium = quoted(&tool::chromium()?.to_string_lossy());
    let tests = built.line(|test| test.package == JOURNEYS, "--test-threads=1");
    built.run_with_postgres(&format!(
        "export LOTWISE_EDGE_DIR={edge} LOTWISE_EDGE_GOLDEN_DIR={golden} CHROMIUM={chromium}; {tests}"
    ))
}

/// The packed SDK, wherever applications take it, on a stack of its own.
pub(super) fn packaging() -> Result<bool> {
    let built = Built::get()?;
    let folder = sdk::build()?.join("packaging");
    tool::node_programs(&folder)?;
    let script = quoted(&folder.join("run.mjs").to_string_lossy());
    let mut command = built.dev_command();
    command.args(["stack", "--no-edge", "--exec", &format!("node {script}")]);
    command.env("CHROMIUM", tool::chromium()?);
    run(command.stdin(Stdio::null()))
}

pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
