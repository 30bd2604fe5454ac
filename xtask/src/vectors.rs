//! Golden files, run against the core.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use lotwise_golden::{Failure, Report};

use crate::cargo::root;
use crate::{edge, sdk};

/// Where the core runs.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Runtime {
    /// In this process
    Native,
    /// In the Workers runtime: the Worker's own build, with a route for this
    Workerd,
    /// In Node: the npm package, both of its builds, and the core
    Node,
    /// The same in a page, in headless Chromium
    Browser,
    /// The same in a page, in headless Firefox
    Firefox,
}

/// Runs every file, prints what fails, and sums up.
pub(crate) fn run(runtime: Runtime, paths: &[PathBuf]) -> Result<bool> {
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files)?;
    }
    let reports = match runtime {
        Runtime::Native => files.iter().map(|file| run_file(file)).collect(),
        Runtime::Workerd => edge::golden_reports(&files)?,
        Runtime::Node => sdk::golden_reports("node", &files)?,
        Runtime::Browser => sdk::golden_reports("chromium", &files)?,
        Runtime::Firefox => sdk::golden_reports("firefox", &files)?,
    };
    let (mut passed, mut failed) = (0, 0);
    for report in &reports {
        for failure in &report.failures {
            println!("{}: {}", failure.case, failure.detail);
        }
        passed += report.passed;
        failed += report.failures.len();
    }
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0 && passed > 0)
}

/// The same for golden files of statistics; those of the project where no path is given.
pub(crate) fn statistics(paths: &[PathBuf]) -> Result<bool> {
    let own = [root().join("stats/goldens")];
    let mut files = Vec::new();
    for path in if paths.is_empty() { &own } else { paths } {
        collect(path, &mut files)?;
    }
    let (mut passed, mut failed) = (0, 0);
    for file in &files {
        let name = file.display().to_string();
        let report = match std::fs::read_to_string(file) {
            Ok(text) => lotwise_golden_stats::run(&name, &text),
            Err(error) => lotwise_golden_stats::Report::unreadable(&name, &error.to_string()),
        };
        report.misses.iter().for_each(|miss| println!("{miss}"));
        passed += report.passed;
        failed += report.failed;
    }
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0 && passed > 0)
}

fn run_file(file: &Path) -> Report {
    let name = file.display().to_string();
    match std::fs::read_to_string(file) {
        Ok(text) => lotwise_golden::run(&name, &text),
        Err(error) => Report { passed: 0, failures: vec![Failure { case: name, detail: error.to_string() }] },
    }
}

/// A file as it is; of a folder every JSON file in it, however deep, in order. What is not there
/// is left for the reading to fail on.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let entries = std::fs::read_dir(path).with_context(|| format!("reading {}", path.display()))?;
    let mut inside =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>()?;
    inside.sort();
    inside.retain(|path| path.is_dir() || path.extension().is_some_and(|end| end == "json"));
    inside.iter().try_for_each(|path| collect(path, files))
}
