//! The checked-in description of the HTTP interface.

use anyhow::{Context, Result, bail};

use crate::cargo::{cargo, root};

/// Has `lotwise openapi` print it, and keeps it.
pub(crate) fn write() -> Result<bool> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "lotwise-control", "--", "openapi"]);
    let output = command.stderr(std::process::Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("`lotwise openapi` failed; see above");
    }
    let path = root().join("control-api/openapi.json");
    std::fs::write(&path, output.stdout).with_context(|| format!("writing {}", path.display()))?;
    println!("wrote {}", path.display());
    Ok(true)
}
