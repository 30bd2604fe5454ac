//! The core on machines that are not this one.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use crate::cargo::{cargo, root, run, run_within, target_folder};
use crate::tool::{self, WASM};

const BARE: &str = "thumbv7em-none-eabihf";

/// What is emulated: a Cortex-M4F with 4 MB for code and 16 MB for data.
const BOARD: &str = "mps2-an386";

/// A run takes seconds. A hardware fault shows as a run without an end.
const PATIENCE: Duration = Duration::from_mins(2);

/// What holds tests for WebAssembly, as cargo is told. They must run in Node and in a page, so none of
/// them says where it runs (`wasm_bindgen_test_configure`).
const WASM_TESTS: &[&[&str]] = &[
    &["--package", "lotwise-core", "--all-features", "--test", "vectors"],
    &["--package", "lotwise-wasm", "--features", "full", "--test", "border"],
];

/// Without a display, in a container, as root, and without a word to the internet.
const CHROMIUM_ARGUMENTS: [&str; 5] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
];

/// No operating system, hence no standard library: the smallest core builds, and the whole one
/// passes the golden files on an emulated chip.
pub(super) fn bare() -> Result<bool> {
    tool::rust_targets(&[BARE])?;
    let build = ["build", "--package", "lotwise-core", "--no-default-features", "--target", BARE];
    if !run(cargo().args(build))? {
        return Ok(false);
    }
    let target = target_folder().join("bare");
    let mut build = cargo();
    build.current_dir(root().join("core/bare")).args(["build", "--release", "--target", BARE]);
    if !run(build.arg("--target-dir").arg(&target))? {
        return Ok(false);
    }
    let mut board = Command::new(tool::arm_emulator()?);
    board.args(["-machine", BOARD, "-display", "none", "-monitor", "none", "-serial", "none"]);
    board.args(["-semihosting-config", "enable=on,target=native", "-kernel"]);
    board.arg(target.join(BARE).join("release/lotwise-core-bare"));
    run_within(&mut board, PATIENCE)
}

/// A build without regular expressions, given what a build with them has written.
pub(super) fn small() -> Result<bool> {
    run(cargo().args(["test", "--package", "lotwise-core", "--test", "binary"]))
}

/// Thirty-two bits and another host. Of the statistics it is enough that they build: pages plan with them.
pub(super) fn wasm() -> Result<bool> {
    let tested = wasm_tests(|_| {})?;
    Ok(run(cargo().args(["check", "--package", "lotwise-stats", "--target", WASM]))? & tested)
}

/// The same tests in a page, in Chromium.
pub(super) fn chromium() -> Result<bool> {
    let options = json!({"goog:chromeOptions": {"binary": tool::chromium()?, "args": CHROMIUM_ARGUMENTS}});
    browser_tests("CHROMEDRIVER", &tool::chromedriver()?, &options)
}

/// The same tests in a page, in an engine of another make.
pub(super) fn firefox() -> Result<bool> {
    let options = json!({"moz:firefoxOptions": {"binary": tool::firefox()?, "args": ["-headless"]}});
    browser_tests("GECKODRIVER", &tool::geckodriver()?, &options)
}

fn browser_tests(variable: &str, driver: &Path, capabilities: &Value) -> Result<bool> {
    let file = target_folder().join("webdriver.json");
    std::fs::write(&file, capabilities.to_string())?;
    wasm_tests(|test| {
        test.env(variable, driver).env("WASM_BINDGEN_USE_BROWSER", "1");
        test.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &file);
        // Every golden file in one test, in a build that nothing has optimised: seconds, yet more than
        // the usual limit on a busy machine.
        test.env("WASM_BINDGEN_TEST_TIMEOUT", "300");
    })
}

/// Runs what is marked `wasm_bindgen_test`, in Node unless the environment says otherwise.
fn wasm_tests(prepare: impl Fn(&mut Command)) -> Result<bool> {
    tool::rust_targets(&[WASM])?;
    let runner = tool::wasm_bindgen("wasm-bindgen-test-runner")?;
    let mut fine = true;
    for arguments in WASM_TESTS {
        let mut test = cargo();
        test.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", &runner);
        prepare(&mut test);
        fine &= run(test.args(["test", "--target", WASM]).args(*arguments))?;
    }
    Ok(fine)
}
