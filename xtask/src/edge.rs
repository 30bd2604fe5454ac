//! Building the edge Worker, and running what needs Node around it.
//!
//! `worker-build` does the work. It would download tools that it does not find, so it is told where
//! each of them is.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use lotwise_golden::Report;

use crate::cargo::{cargo, root, run, run_quietly, target_folder};
use crate::tool::{self, WASM};

/// What is built.
#[derive(Clone, Copy)]
pub(crate) enum Variant {
    /// What is deployed.
    Production,
    /// The same with routes that only tests ask for.
    Golden,
    /// Another Worker, which says hello: what benchmarks compare with.
    Hello,
}

impl Variant {
    fn package(self) -> &'static str {
        match self {
            Self::Production | Self::Golden => "lotwise-edge",
            Self::Hello => "lotwise-hello-worker",
        }
    }

    fn folder(self) -> PathBuf {
        match self {
            Self::Production | Self::Golden => folder(),
            Self::Hello => root().join("bench/hello-worker"),
        }
    }

    fn profile(self) -> &'static str {
        match self {
            Self::Production | Self::Hello => "worker",
            Self::Golden => "worker-golden",
        }
    }

    /// The folder of the result, below that of the package.
    fn out(self) -> &'static str {
        match self {
            Self::Production | Self::Hello => "build",
            Self::Golden => "build-golden",
        }
    }

    fn features(self) -> &'static [&'static str] {
        match self {
            Self::Production | Self::Hello => &[],
            Self::Golden => &["--features", "golden"],
        }
    }
}

/// `cargo xtask edge`.
pub(crate) fn build_and_weigh(variant: Variant) -> Result<bool> {
    let out = build(variant)?;
    run(node("size.mjs").arg(out.join("index_bg.wasm")))
}

/// Builds the Worker and returns the folder that it is in.
pub(crate) fn build(variant: Variant) -> Result<PathBuf> {
    tool::rust_targets(&[WASM])?;
    let programs = tool::edge_programs()?;
    let linked = link(variant)?;
    let out = variant.folder().join(variant.out());
    // Binding and optimising take longer than finding out that there is nothing to do.
    let stamp = out.join("made-from");
    let made_from = fingerprint(&linked)?;
    if std::fs::read_to_string(&stamp).ok().as_deref() != Some(&made_from) {
        if stamp.exists() {
            std::fs::remove_file(&stamp)?;
        }
        bind(variant, &programs)?;
        optimise(&out.join("index_bg.wasm"), &programs)?;
        std::fs::write(stamp, made_from)?;
    }
    Ok(out)
}

/// What would be deployed, by the tool that does it: it reads `wrangler.toml`, builds, and bundles.
pub(crate) fn dry_run() -> Result<bool> {
    let mut wrangler = Command::new(tool::edge_programs()?.join("wrangler"));
    wrangler
        .args(["deploy", "--dry-run", "--outdir"])
        .arg(target_folder().join("edge-dry-run"))
        .current_dir(root())
        .stdin(Stdio::null())
        .envs([("CI", "1"), ("CLOUDFLARE_CF_FETCH_ENABLED", "false"), ("WRANGLER_HIDE_BANNER", "true")])
        .envs([("WRANGLER_SEND_METRICS", "false"), ("WRANGLER_SEND_ERROR_REPORTS", "false")]);
    run(&mut wrangler)
}

/// What becomes of golden files in workerd.
pub(crate) fn golden_reports(files: &[PathBuf]) -> Result<Vec<Report>> {
    let out = build(Variant::Golden)?;
    let output = node("golden.mjs").arg(out).args(files).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("workerd did not run the golden files; see above");
    }
    let lines = String::from_utf8(output.stdout)?;
    lines.lines().map(|line| serde_json::from_str(line).context("reading a report")).collect()
}

/// Compiles, as `worker-build` is going to, so that it finds nothing to do.
fn link(variant: Variant) -> Result<PathBuf> {
    let mut build = cargo();
    build.args(["build", "--quiet", "--package", variant.package(), "--lib", "--target", WASM]);
    build.args(["--profile", variant.profile()]).args(variant.features());
    if !run(build.env("WASM_BINDGEN_USE_JS_SYS", "1"))? {
        bail!("the Worker does not build; see above");
    }
    let linked = variant.package().replace('-', "_") + ".wasm";
    Ok(target_folder().join(WASM).join(variant.profile()).join(linked))
}

/// Makes a JavaScript module of it.
fn bind(variant: Variant, programs: &Path) -> Result<()> {
    let mut command = Command::new(tool::worker_build()?);
    command
        .args(["--profile", variant.profile(), "--out-dir", variant.out(), "--no-opt"])
        .args(variant.features())
        .current_dir(variant.folder())
        .env("WASM_BINDGEN_BIN", tool::wasm_bindgen("wasm-bindgen")?)
        .env("ESBUILD_BIN", programs.join("esbuild"));
    run_quietly(&mut command)
}

/// What `worker-build` would have done, which keeps the names of all functions, a tenth of the size.
fn optimise(module: &Path, programs: &Path) -> Result<()> {
    let mut command = Command::new(programs.join("wasm-opt"));
    // wasm-bindgen catches exceptions, and does not add that to the features that the module lists.
    command.args(["-O", "--enable-exception-handling"]).arg(module).arg("-o").arg(module);
    run_quietly(&mut command)
}

/// Changes with everything that the result depends on.
fn fingerprint(linked: &Path) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for file in [linked, &root().join("Cargo.lock"), &folder().join("package-lock.json")] {
        std::fs::read(file).with_context(|| format!("reading {}", file.display()))?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// One of the scripts that come with the Worker.
fn node(script: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(folder().join("local").join(script));
    command
}

fn folder() -> PathBuf {
    root().join("edge-worker")
}
