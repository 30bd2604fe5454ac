//! Which package may import which.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::cargo::cargo;

/// Ours, and which of ours each may build on. Tests may import anything, and so may packages that
/// are not listed: the tests and the tools around the product.
const ARROWS: &[(&str, &[&str])] = &[
    ("lotwise-core", &[]),
    ("lotwise-stats", &[]),
    ("lotwise-serving", &["lotwise-core"]),
    ("lotwise-control", &["lotwise-core", "lotwise-serving", "lotwise-stats"]),
    ("lotwise-edge", &["lotwise-core", "lotwise-golden", "lotwise-serving"]),
    ("lotwise-wasm", &["lotwise-core", "lotwise-golden"]),
    ("lotwise-golden", &["lotwise-core"]),
    ("lotwise-golden-stats", &["lotwise-stats"]),
    ("lotwise-dev", &[]),
    ("xtask", &["lotwise-golden", "lotwise-golden-stats"]),
];

pub(super) fn breaches() -> Result<Vec<String>> {
    let output = cargo()
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .output()
        .context("running cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    Ok(packages.iter().flat_map(package_breaches).collect())
}

fn package_breaches(package: &Value) -> Vec<String> {
    let name = package["name"].as_str().unwrap_or_default();
    let Some((_, allowed)) = ARROWS.iter().find(|(listed, _)| *listed == name) else {
        return Vec::new();
    };
    let dependencies = package["dependencies"].as_array().map_or(&[][..], Vec::as_slice);
    dependencies
        .iter()
        .filter(|dependency| !dependency["path"].is_null() && dependency["kind"] != "dev")
        .filter_map(|dependency| dependency["name"].as_str())
        .filter(|dependency| !allowed.contains(dependency))
        .map(|dependency| format!("{name} must not import {dependency}: see ARCHITECTURE.md"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::package_breaches;

    #[test]
    fn an_arrow_that_turns_round_is_seen() {
        let package = serde_json::json!({"name": "lotwise-core", "dependencies": [
            {"name": "serde", "kind": null, "path": null},
            {"name": "lotwise-golden", "kind": "dev", "path": "/x"},
            {"name": "lotwise-control", "kind": null, "path": "/x"},
        ]});
        assert_eq!(package_breaches(&package).len(), 1);
    }
}
