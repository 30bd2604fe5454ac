//! The core on machines that are not this one.

use anyhow::Result;

use crate::cargo::{cargo, run};
use crate::tool;

const BARE: &str = "thumbv7em-none-eabihf";
const WASM: &str = "wasm32-unknown-unknown";

/// No operating system, hence no standard library.
pub(super) fn bare() -> Result<bool> {
    tool::rust_targets(&[BARE])?;
    let build = ["build", "--package", "lotwise-core", "--no-default-features", "--target", BARE];
    run(cargo().args(build))
}

/// Thirty-two bits and another host.
pub(super) fn wasm() -> Result<bool> {
    tool::rust_targets(&[WASM])?;
    let runner = tool::wasm_test_runner()?;
    let test = ["test", "--package", "lotwise-core", "--all-features", "--target", WASM, "--test", "vectors"];
    run(cargo().env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner).args(test))
}
