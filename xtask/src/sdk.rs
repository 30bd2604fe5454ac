//! Building the npm package: two WebAssembly modules, the TypeScript around them, and `dist/`.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use lotwise_golden::Report;
use serde_json::json;

use crate::cargo::{cargo, root, run, run_quietly, target_folder};
use crate::tool::{self, WASM};

/// The builds of `lotwise-wasm`, and what each is called in the package.
const BUILDS: [Build; 2] =
    [Build { name: "small", feature: "bare" }, Build { name: "full", feature: "full" }];

/// What every browser since 2022 has (Safari 15), and the compiler makes use of.
const MODULE_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

struct Build {
    name: &'static str,
    feature: &'static str,
}

/// Entry points that are also to be had as `CommonJS`: what is bundled, and under which name.
const COMMON_JS: [(&str, &str); 1] = [("entry/node.js", "index")];

/// Builds the package and returns its folder.
pub(crate) fn build() -> Result<PathBuf> {
    tool::rust_targets(&[WASM])?;
    let programs = tool::node_programs(&folder())?;
    let dist = folder().join("dist");
    std::fs::create_dir_all(dist.join("wasm"))?;
    for build in BUILDS {
        module(&build, &dist, &programs)?;
    }
    compile(&dist, &programs)?;
    Ok(folder())
}

/// What `npm` knows to check: formatting, types, unit tests, the reference.
pub(crate) fn test() -> Result<bool> {
    build()?;
    let script = |name: &str| run(Command::new("npm").args(["run", "--silent", name]).current_dir(folder()));
    Ok(script("format")? & script("test")? & script("reference:check")?)
}

/// What becomes of golden files in a runtime: one of `js-sdk/golden/main.mjs`.
pub(crate) fn golden_reports(runtime: &str, files: &[PathBuf]) -> Result<Vec<Report>> {
    build()?;
    let linked = link("golden")?;
    let folder = folder().join("golden");
    let mut bind = Command::new(tool::wasm_bindgen("wasm-bindgen")?);
    bind.args(["--target", "web", "--no-typescript", "--omit-default-module-path", "--out-name", "golden"]);
    run_quietly(bind.arg("--out-dir").arg(folder.join("build")).arg(linked))?;
    let mut node = Command::new("node");
    match runtime {
        "chromium" => drop(node.env("CHROMIUM", tool::chromium()?)),
        "firefox" => {
            node.env("FIREFOX", tool::firefox()?).env("GECKODRIVER", tool::geckodriver()?);
        }
        _ => {}
    }
    let mut child = node
        .arg(folder.join("main.mjs"))
        .arg(runtime)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("running node")?;
    let mut input = child.stdin.take().context("node takes no input")?;
    let lines: Vec<String> = files.iter().map(|file| prepared(file)).collect::<Result<_>>()?;
    let writing = std::thread::spawn(move || lines.iter().try_for_each(|line| writeln!(input, "{line}")));
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("{runtime} did not run the golden files; see above");
    }
    writing.join().map_err(|_| anyhow!("passing the golden files on"))??;
    let reports = String::from_utf8(output.stdout)?;
    reports.lines().map(|line| serde_json::from_str(line).context("reading a report")).collect()
}

/// A golden file as `main.mjs` takes it: with what would be published of its snapshot, if it has one.
fn prepared(file: &Path) -> Result<String> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).with_context(|| format!("reading {name}"))?;
    let published = lotwise_golden::published(&text);
    let published = published
        .map(|(document, binary)| json!({"document": document, "binary": BASE64_STANDARD.encode(binary)}));
    Ok(json!({"name": name, "text": text, "published": published}).to_string())
}

/// Compiles the crate with a feature.
fn link(feature: &str) -> Result<PathBuf> {
    let mut command = cargo();
    // Beside a Rust library, the compiler would not optimise across crates.
    command.args(["rustc", "--quiet", "--package", "lotwise-wasm", "--lib", "--crate-type", "cdylib"]);
    command.args(["--target", WASM]);
    if !run(command.args(["--profile", "page", "--features", feature]))? {
        bail!("the page's WebAssembly does not build; see above");
    }
    Ok(target_folder().join(WASM).join("page/lotwise_wasm.wasm"))
}

/// Makes `wasm/{name}.wasm`, its bindings, and the module that has it inside.
fn module(build: &Build, dist: &Path, programs: &Path) -> Result<()> {
    let linked = link(build.feature)?;
    let out = dist.join("wasm");
    let module = out.join(build.name).with_extension("wasm");
    // Binding and optimising take longer than finding out that there is nothing to do.
    let stamp = target_folder().join(format!("sdk-{}-made-from", build.name));
    let made_from = fingerprint(&linked)?;
    if module.exists() && std::fs::read_to_string(&stamp).ok().as_deref() == Some(&made_from) {
        return Ok(());
    }
    let bound = target_folder().join("sdk");
    let mut bind = Command::new(tool::wasm_bindgen("wasm-bindgen")?);
    bind.args(["--target", "web", "--no-typescript", "--omit-default-module-path"]);
    bind.args(["--out-name", build.name, "--out-dir"]).arg(&bound).arg(linked);
    run_quietly(&mut bind)?;
    std::fs::copy(bound.join(build.name).with_extension("js"), module.with_extension("js"))?;
    let mut optimise = Command::new(programs.join("wasm-opt"));
    optimise.args(["-Oz", "--converge", "--strip-debug", "--strip-producers", "--strip-target-features"]);
    optimise.args(MODULE_FEATURES);
    optimise.arg(bound.join(format!("{}_bg.wasm", build.name))).arg("-o").arg(&module);
    run_quietly(&mut optimise)?;
    let inline = BASE64_STANDARD.encode(std::fs::read(&module)?);
    std::fs::write(out.join(format!("{}-inline.js", build.name)), format!("export default \"{inline}\";\n"))?;
    std::fs::write(stamp, made_from)?;
    Ok(())
}

/// From TypeScript to `dist/`.
fn compile(dist: &Path, programs: &Path) -> Result<()> {
    let mut tsc = Command::new(programs.join("tsc"));
    run_quietly(tsc.current_dir(folder()))?;
    // The compiler leaves out declarations that are written by hand.
    std::fs::create_dir_all(dist.join("cjs"))?;
    for name in [
        "wasm/small.d.ts",
        "wasm/full.d.ts",
        "wasm/small-inline.d.ts",
        "wasm/full-inline.d.ts",
        "cjs/index.d.cts",
    ] {
        std::fs::copy(folder().join("src").join(name), dist.join(name))?;
    }
    for (entry, name) in COMMON_JS {
        let mut esbuild = Command::new(programs.join("esbuild"));
        esbuild.arg(dist.join(entry)).args([
            "--bundle",
            "--platform=node",
            "--format=cjs",
            "--target=node20",
        ]);
        // There is no `import.meta.url` in `CommonJS`; the folder is as deep as that of the entry points.
        esbuild.arg("--define:import.meta.url=importMetaUrl");
        esbuild
            .arg("--banner:js=const importMetaUrl = require(\"node:url\").pathToFileURL(__filename).href;");
        esbuild.args(["--packages=external", "--log-level=warning"]);
        run_quietly(esbuild.arg(format!("--outfile={}", dist.join(format!("cjs/{name}.cjs")).display())))?;
    }
    Ok(())
}

/// Changes with everything that the result depends on.
fn fingerprint(linked: &Path) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for file in [linked, &root().join("Cargo.lock"), &folder().join("package-lock.json")] {
        std::fs::read(file).with_context(|| format!("reading {}", file.display()))?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn folder() -> PathBuf {
    root().join("js-sdk")
}
