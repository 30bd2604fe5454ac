//! Tools that are installed once, below the target folder.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::cargo::{cargo, locked_version, run, target_folder};

/// `wasm-bindgen-test-runner`, of the same version as the library, as its format changes with
/// every one.
pub(crate) fn wasm_test_runner() -> Result<PathBuf> {
    let version = locked_version("wasm-bindgen")?;
    let home = folder("wasm-bindgen-cli", &version);
    let program = home.join("bin/wasm-bindgen-test-runner");
    if !program.exists() {
        // Not `--locked`: its lock file asks for versions that a registry mirror may not have yet.
        let mut install = cargo();
        install.args(["install", "--quiet", "--root"]).arg(&home);
        if !run(install.arg(format!("wasm-bindgen-cli@{version}")))? {
            bail!("cannot install wasm-bindgen-cli {version}; see above");
        }
    }
    Ok(program)
}

/// A Python environment with moto, an S3 of somebody else's making.
pub(crate) fn moto() -> Result<PathBuf> {
    const VERSION: &str = "5.2.5";
    let home = folder("moto", VERSION);
    let done = home.join("installed");
    if !done.exists() {
        let mut venv = Command::new("python3");
        if !run(venv.args(["-m", "venv", "--clear"]).arg(&home))? {
            bail!("cannot make a Python environment: is python3 with its venv module installed?");
        }
        let mut pip = Command::new(home.join("bin/pip"));
        pip.args(["install", "--quiet", "--disable-pip-version-check"]);
        if !run(pip.arg(format!("moto[server]=={VERSION}")))? {
            bail!("cannot install moto {VERSION}; see above");
        }
        std::fs::write(done, VERSION)?;
    }
    Ok(home.join("bin"))
}

/// `qemu-system-arm`, which is the system's and no folder's: root on Debian gets it from apt-get,
/// anybody else is told how. None if it is not there in the end.
pub(crate) fn arm_emulator() -> Result<Option<&'static str>> {
    const PROGRAM: &str = "qemu-system-arm";
    let answers = || output_of(PROGRAM, "--version").is_some();
    if answers() {
        return Ok(Some(PROGRAM));
    }
    let is_root = output_of("id", "-u").is_some_and(|id| id.trim() == "0");
    if is_root && Path::new("/etc/debian_version").exists() {
        let apt = |arguments: &[&str]| {
            let mut apt = Command::new("apt-get");
            run(apt.env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet").args(arguments))
        };
        if apt(&["update"])? && apt(&["install", "--yes", "--no-install-recommends", PROGRAM])? && answers() {
            return Ok(Some(PROGRAM));
        }
    }
    eprintln!(
        "NOT RUN: {PROGRAM} is missing. Debian, Ubuntu: apt-get install {PROGRAM}; macOS: brew install qemu"
    );
    Ok(None)
}

/// What a program prints, if it is there and content.
fn output_of(program: &str, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Makes sure that the compiler can build for these targets, where rustup is in charge.
pub(crate) fn rust_targets(wanted: &[&str]) -> Result<()> {
    let mut list = Command::new("rustup");
    let Ok(output) = list.args(["target", "list", "--installed"]).stderr(Stdio::null()).output() else {
        return Ok(());
    };
    let installed = String::from_utf8_lossy(&output.stdout).into_owned();
    let missing: Vec<_> =
        wanted.iter().filter(|target| !installed.lines().any(|line| line == **target)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut add = Command::new("rustup");
    if !run(add.args(["target", "add"]).args(missing))? {
        bail!("rustup cannot add targets; see above");
    }
    Ok(())
}

/// What this machine's own target is called.
pub(crate) fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("running rustc")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc names no host")?.to_owned())
}

fn folder(name: &str, version: &str) -> PathBuf {
    target_folder().join("tools").join(format!("{name}-{version}"))
}
