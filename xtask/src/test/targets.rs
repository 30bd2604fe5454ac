//! The core on machines that are not this one.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::cargo::{cargo, root, run, run_within, target_folder};
use crate::tool::{self, WASM};

const BARE: &str = "thumbv7em-none-eabihf";

/// What is emulated: a Cortex-M4F with 4 MB for code and 16 MB for data.
const BOARD: &str = "mps2-an386";

/// A run takes seconds. A hardware fault shows as a run without an end.
const PATIENCE: Duration = Duration::from_mins(2);

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
    // Without the emulator nothing was tested, and that is no pass.
    let Some(emulator) = tool::arm_emulator()? else { return Ok(false) };
    let mut board = Command::new(emulator);
    board.args(["-machine", BOARD, "-display", "none", "-monitor", "none", "-serial", "none"]);
    board.args(["-semihosting-config", "enable=on,target=native", "-kernel"]);
    board.arg(target.join(BARE).join("release/lotwise-core-bare"));
    run_within(&mut board, PATIENCE)
}

/// A build without regular expressions, given what a build with them has written.
pub(super) fn small() -> Result<bool> {
    run(cargo().args(["test", "--package", "lotwise-core", "--test", "binary"]))
}

/// Thirty-two bits and another host.
pub(super) fn wasm() -> Result<bool> {
    tool::rust_targets(&[WASM])?;
    let runner = tool::wasm_bindgen("wasm-bindgen-test-runner")?;
    let test = ["test", "--package", "lotwise-core", "--all-features", "--target", WASM, "--test", "vectors"];
    run(cargo().env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner).args(test))
}
