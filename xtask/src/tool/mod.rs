//! Tools: those that are installed once, below the target folder, and those of the system.

mod system;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::cargo::{cargo, locked_version, root, run, run_quietly, target_folder};

pub(crate) use system::{arm_emulator, chromedriver, chromium, firefox};

/// The target of the Worker and of pages.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// A program of wasm-bindgen-cli, of the same version as the library, as its format changes with
/// every one.
pub(crate) fn wasm_bindgen(program: &str) -> Result<PathBuf> {
    // Not `--locked`: its lock file asks for versions that a registry mirror may not have yet.
    let version = locked_version("wasm-bindgen")?;
    Ok(cargo_install("wasm-bindgen-cli", &version, &[])?.join(program))
}

/// `worker-build`, of the same version as the library `worker`: they are made for each other.
pub(crate) fn worker_build() -> Result<PathBuf> {
    let version = locked_version("worker")?;
    Ok(cargo_install("worker-build", &version, &["--locked"])?.join("worker-build"))
}

/// `geckodriver`, which Debian has no package of. It drives every Firefox that is not years old.
pub(crate) fn geckodriver() -> Result<PathBuf> {
    Ok(cargo_install("geckodriver", "0.37.1", &["--locked"])?.join("geckodriver"))
}

/// The folder of a package's programs.
fn cargo_install(package: &str, version: &str, arguments: &[&str]) -> Result<PathBuf> {
    let home = folder(package, version);
    // Cargo writes this last, but makes it empty when it begins.
    let is_done = std::fs::metadata(home.join(".crates2.json")).is_ok_and(|file| file.len() > 0);
    if !is_done {
        let mut install = cargo();
        install.args(["install", "--quiet"]).args(arguments).arg("--root").arg(&home);
        if !run(install.arg(format!("{package}@{version}")))? {
            bail!("cannot install {package} {version}; see above");
        }
    }
    Ok(home.join("bin"))
}

/// The folder of the Worker's Node programs, in the versions of its package-lock.json.
pub(crate) fn edge_programs() -> Result<PathBuf> {
    node_programs(&root().join("edge-worker"))
}

/// Puts `OpenFeature`'s own clients beside the script that asks the Worker with them.
pub(crate) fn openfeature_clients() -> Result<()> {
    node_programs(&root().join("tests/openfeature")).map(drop)
}

/// Installs what the package-lock.json of a folder names, and returns where the programs are.
pub(crate) fn node_programs(folder: &Path) -> Result<PathBuf> {
    let modules = folder.join("node_modules");
    let lock = std::fs::read_to_string(folder.join("package-lock.json"))?;
    // `npm ci` begins by removing the folder, and this with it.
    let installed = modules.join("installed.json");
    if !std::fs::read_to_string(&installed).is_ok_and(|installed| installed == lock) {
        if output_of("node", "--version").is_none() || output_of("npm", "--version").is_none() {
            bail!("the Worker and its tests need Node and npm, 20 or newer: https://nodejs.org");
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder);
        run_quietly(&mut npm)?;
        std::fs::write(installed, lock)?;
    }
    Ok(modules.join(".bin"))
}

/// A Python environment with moto, an S3 of somebody else's making.
pub(crate) fn moto() -> Result<PathBuf> {
    python("moto", "moto[server]", "5.2.5")
}

/// A Python environment with schemathesis, which asks a server everything its description allows, and
/// much that it does not.
pub(crate) fn schemathesis() -> Result<PathBuf> {
    python("schemathesis", "schemathesis", "4.32.5")
}

/// A Python environment with `DuckDB`, which the analysis is measured beside.
pub(crate) fn duckdb() -> Result<PathBuf> {
    python("duckdb", "duckdb", "1.5.2")
}

/// The programs of a Python environment that holds one package.
fn python(name: &str, package: &str, version: &str) -> Result<PathBuf> {
    let home = folder(name, version);
    let done = home.join("installed");
    if !done.exists() {
        let mut venv = Command::new("python3");
        if !run(venv.args(["-m", "venv", "--clear"]).arg(&home))? {
            bail!("cannot make a Python environment: is python3 with its venv module installed?");
        }
        let mut pip = Command::new(home.join("bin/pip"));
        pip.args(["install", "--quiet", "--disable-pip-version-check"]);
        if !run(pip.arg(format!("{package}=={version}")))? {
            bail!("cannot install {name} {version}; see above");
        }
        std::fs::write(done, version)?;
    }
    Ok(home.join("bin"))
}

/// What a program prints, if it is there and content.
fn output_of(program: impl AsRef<OsStr>, argument: &str) -> Option<String> {
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
