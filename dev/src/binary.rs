//! Finding the programs that the stack runs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

/// The `lotwise` program: the one that `LOTWISE_BIN` names, else built now. Built even when there
/// is one already, as testing yesterday's program misleads more than it saves.
pub(crate) fn lotwise() -> Result<PathBuf> {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    given_or_built(&BUILT, "LOTWISE_BIN", || {
        let mut command = cargo();
        command.args(["build", "--quiet", "--package", "lotwise-control", "--bin", "lotwise"]);
        command.arg("--target-dir").arg(target_folder()?);
        run(&mut command, "`lotwise` does not build")?;
        Ok(profile_folder()?.join("lotwise"))
    })
}

/// The folder of the edge Worker: the one that `LOTWISE_EDGE_DIR` names, else built now.
pub(crate) fn edge() -> Result<PathBuf> {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    given_or_built(&BUILT, "LOTWISE_EDGE_DIR", || {
        run(cargo().args(["xtask", "edge"]), "the Worker does not build")?;
        Ok(workspace().join("edge-worker/build"))
    })
}

/// The same for the Worker with the routes of tests, and `LOTWISE_EDGE_GOLDEN_DIR`.
pub(crate) fn edge_golden() -> Result<PathBuf> {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    given_or_built(&BUILT, "LOTWISE_EDGE_GOLDEN_DIR", || {
        run(cargo().args(["xtask", "edge", "--golden"]), "the Worker does not build")?;
        Ok(workspace().join("edge-worker/build-golden"))
    })
}

fn given_or_built(
    built: &OnceLock<PathBuf>,
    variable: &str,
    build: impl FnOnce() -> Result<PathBuf>,
) -> Result<PathBuf> {
    if let Some(path) = std::env::var_os(variable) {
        return Ok(path.into());
    }
    if let Some(path) = built.get() {
        return Ok(path.clone());
    }
    let path = build()?;
    Ok(built.get_or_init(|| path).clone())
}

fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace());
    command
}

fn run(command: &mut Command, complaint: &str) -> Result<()> {
    // What it prints is not what we print.
    let status = command.stdout(std::io::stderr()).status().context("running cargo")?;
    if !status.success() {
        bail!("{complaint}; see above");
    }
    Ok(())
}

/// The folder of everything that is built or installed once.
pub(crate) fn target_folder() -> Result<PathBuf> {
    let profile = profile_folder()?;
    Ok(profile.parent().unwrap_or(&profile).to_owned())
}

/// `target/debug`: this program lies there, or in `deps` below when it is a test.
fn profile_folder() -> Result<PathBuf> {
    let program = std::env::current_exe().context("finding the current program")?;
    let mut folder = program.parent().unwrap_or(Path::new("/"));
    if folder.ends_with("deps") {
        folder = folder.parent().unwrap_or(folder);
    }
    Ok(folder.to_owned())
}

pub(crate) fn workspace() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}
