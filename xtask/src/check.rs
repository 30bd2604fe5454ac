//! What a change has to satisfy before anybody reads it.

use crate::cargo::{cargo, run};
use crate::steps::Steps;
use crate::tidy;

/// Formatting, lints, tidiness.
pub(crate) fn all() -> bool {
    let mut steps = Steps::default();
    steps.run("format", || run(cargo().args(["fmt", "--all", "--check"])));
    steps.run("clippy", || {
        let clippy = ["clippy", "--workspace", "--all-targets", "--all-features"];
        run(cargo().args(clippy).args(["--", "--deny", "warnings"]))
    });
    steps.run("tidy", tidy::run);
    steps.finish()
}
