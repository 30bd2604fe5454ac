//! Finding the programs that the stack runs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

/// The `lotwise` program: the one that `LOTWISE_BIN` names, else built now. Built even when there
/// is one already, as testing yesterday's program misleads more than it saves.
pub(crate) fn lotwise() -> Result<PathBuf> {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    if let Some(path) = std::env::var_os("LOTWISE_BIN") {
        return Ok(path.into());
    }
    if let Some(path) = BUILT.get() {
        return Ok(path.clone());
    }
    let folder = profile_folder()?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--quiet", "--package", "lotwise-control", "--bin", "lotwise"])
        .arg("--target-dir")
        .arg(target_folder()?)
        .current_dir(workspace())
        .status()
        .context("running cargo to build `lotwise`")?;
    if !status.success() {
        bail!("`lotwise` does not build; see above");
    }
    let path = folder.join("lotwise");
    Ok(BUILT.get_or_init(|| path).clone())
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

fn workspace() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}
