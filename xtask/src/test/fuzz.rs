//! Short fuzzing with the stable compiler: what `cargo fuzz` would pass to a nightly one, passed
//! by hand, without the address sanitizer, which safe code needs least.

use std::process::Command;

use anyhow::{Context, Result};

use crate::cargo::{cargo, root, run, target_folder};
use crate::tool;

/// The targets, and the folders of what they begin with.
const TARGETS: [(&str, &[&str]); 3] = [
    ("load", &["core/fuzz/corpus/load"]),
    ("decide", &["core/fuzz/corpus/decide"]),
    ("binary", &["core/fuzz/corpus/binary", "core/tests/binary"]),
];
const SECONDS: u32 = 20;

const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                     -Cllvm-args=-sanitizer-coverage-pc-table \
                     -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing";

/// Every target for a little while. What it finds lies in `core/fuzz/artifacts/`.
pub(super) fn short() -> Result<bool> {
    let folder = root().join("core/fuzz");
    let target = target_folder().join("fuzz");
    let host = tool::host()?;
    let mut build = cargo();
    build.current_dir(&folder).env("RUSTFLAGS", FLAGS).args(["build", "--release"]);
    // Naming the target keeps the flags away from build scripts.
    if !run(build.args(["--target", &host]).arg("--target-dir").arg(&target))? {
        return Ok(false);
    }
    let mut fine = true;
    for (name, seeds) in TARGETS {
        // Found inputs go to the first folder, so that a run does not change the checkout.
        let found = target.join("corpus").join(name);
        let artifacts = folder.join("artifacts").join(name);
        for folder in [&found, &artifacts] {
            std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
        }
        let mut fuzz = Command::new(target.join(&host).join("release").join(name));
        fuzz.arg(found)
            .args(seeds.iter().map(|seeds| root().join(seeds)))
            .arg(format!("-max_total_time={SECONDS}"))
            .arg(format!("-artifact_prefix={}/", artifacts.display()))
            .args(["-seed=1", "-timeout=10", "-rss_limit_mb=2048", "-verbosity=0"]);
        fine &= run(&mut fuzz)?;
    }
    Ok(fine)
}
