//! What a change has to satisfy before anybody reads it.

use crate::cargo::{HOST_PACKAGES, cargo, run};
use crate::steps::Steps;
use crate::tidy;
use crate::tool::{self, WASM};

/// Formatting, lints, tidiness.
pub(crate) fn all() -> bool {
    let mut steps = Steps::default();
    steps.run("format", || run(cargo().args(["fmt", "--all", "--check"])));
    steps.run("clippy", || {
        let clippy = ["--all-targets", "--all-features", "--", "--deny", "warnings"];
        run(cargo().arg("clippy").args(HOST_PACKAGES).args(clippy))
    });
    steps.run("clippy-edge", || {
        tool::rust_targets(&[WASM])?;
        let packages = ["--package", "lotwise-edge", "--package", "lotwise-hello-worker"];
        let clippy = ["--target", WASM, "--all-features", "--", "--deny", "warnings"];
        run(cargo().arg("clippy").args(packages).args(clippy))
    });
    for (step, feature) in [("clippy-page", "bare"), ("clippy-page-full", "full")] {
        steps.run(step, || {
            let features = ["clippy", "--package", "lotwise-wasm", "--lib", "--features", feature];
            run(cargo().args(features).args(["--target", WASM, "--", "--deny", "warnings"]))
        });
    }
    steps.run("tidy", tidy::run);
    steps.finish()
}
