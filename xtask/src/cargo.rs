//! Calling cargo, and where it puts things.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The top folder of the project.
pub(crate) fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

/// Where everything that is built or installed goes.
pub(crate) fn target_folder() -> PathBuf {
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    root().join(folder)
}

/// The cargo that runs us, in the top folder.
pub(crate) fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// Every package that this machine can build for itself: Workers and pages are another target.
pub(crate) const HOST_PACKAGES: [&str; 7] = [
    "--workspace",
    "--exclude",
    "lotwise-edge",
    "--exclude",
    "lotwise-hello-worker",
    "--exclude",
    "lotwise-wasm",
];

/// Runs a command with our output, after saying which.
pub(crate) fn run(command: &mut Command) -> Result<bool> {
    eprintln!("$ {}", line(command));
    let status = command.status().with_context(|| format!("running {}", line(command)))?;
    Ok(status.success())
}

/// Runs a command that talks much, and shows what it says only when it fails.
pub(crate) fn run_quietly(command: &mut Command) -> Result<()> {
    eprintln!("$ {}", line(command));
    let output = command.stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("running {}", line(command)))?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!("{} failed:\n{}", line(command), String::from_utf8_lossy(&said));
    }
    Ok(())
}

/// Runs a command that may not end by itself: it fails when it takes longer.
pub(crate) fn run_within(command: &mut Command, limit: Duration) -> Result<bool> {
    eprintln!("$ {}", line(command));
    let start = Instant::now();
    let mut child = command.spawn().with_context(|| format!("running {}", line(command)))?;
    while start.elapsed() < limit {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    child.kill()?;
    child.wait()?;
    bail!("stopped after {} seconds: {}", limit.as_secs(), line(command))
}

/// What somebody would type.
fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let words = program.file_name().into_iter().chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// A program that cargo built.
#[derive(Debug, Clone)]
pub(crate) struct Executable {
    pub(crate) package: String,
    pub(crate) folder: PathBuf,
    pub(crate) target: String,
    pub(crate) is_test: bool,
    pub(crate) path: PathBuf,
}

/// Builds with the given cargo arguments, and returns every executable it made or found fresh.
pub(crate) fn build(arguments: &[&str]) -> Result<Vec<Executable>> {
    let mut command = cargo();
    command.args(arguments).arg("--message-format=json-render-diagnostics");
    if !arguments.contains(&"--quiet") {
        eprintln!("$ {}", line(&command));
    }
    let output = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("the build failed; see above");
    }
    let lines = String::from_utf8(output.stdout).context("reading cargo's messages")?;
    Ok(lines.lines().filter_map(executable).collect())
}

fn executable(line: &str) -> Option<Executable> {
    let message: Value = serde_json::from_str(line).ok()?;
    let manifest = Path::new(message["manifest_path"].as_str()?);
    let folder = manifest.parent()?.to_owned();
    Some(Executable {
        package: package_name(manifest)?,
        folder,
        target: message["target"]["name"].as_str()?.to_owned(),
        is_test: message["profile"]["test"].as_bool()?,
        path: message["executable"].as_str()?.into(),
    })
}

fn package_name(manifest: &Path) -> Option<String> {
    let text = std::fs::read_to_string(manifest).ok()?;
    let line = text.lines().find(|line| line.starts_with("name = "))?;
    line.split('"').nth(1).map(str::to_owned)
}

/// The version of a package in Cargo.lock.
pub(crate) fn locked_version(package: &str) -> Result<String> {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).context("reading Cargo.lock")?;
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1).and_then(|line| line.strip_prefix("version = "));
    match version {
        Some(version) => Ok(version.trim_matches('"').to_owned()),
        None => bail!("Cargo.lock names no {package}"),
    }
}
