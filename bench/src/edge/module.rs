//! What the Worker's module weighs.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::workerd::LOTWISE;
use crate::report::print_table;

/// Bytes, compressed by gzip.
const TARGET: u64 = 150_000;

/// As the script weighs it that comes with the Worker.
pub(super) fn weigh() -> Result<Value> {
    let mut node = Command::new("node");
    node.args(["edge-worker/local/size.mjs", "--json"]).arg(format!("{}/index_bg.wasm", LOTWISE.folder));
    let output = node.output().context("running node")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let weights: Value = serde_json::from_slice(&output.stdout)?;
    let parts = weights.as_object().context("weights of parts")?;
    let rows: Vec<_> = parts
        .iter()
        .map(|(part, weight)| {
            let kilobytes = |form: &str| format!("{:.1} kB", weight[form].as_f64().unwrap_or_default() / 1e3);
            vec![part.clone(), kilobytes("raw"), kilobytes("gzip"), kilobytes("brotli")]
        })
        .collect();
    println!();
    print_table(&["part of the module", "raw", "gzip", "brotli"], &rows);
    let gzip = weights["whole"]["gzip"].as_u64().context("the weight of the whole")?;
    println!(
        "\nThe target is at most {} kB gzip: {}.",
        TARGET / 1000,
        if gzip <= TARGET { "met" } else { "missed" }
    );
    Ok(weights)
}
