//! What a single file may look like.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::imports::product_code;
use super::{rust_files, shown};
use crate::cargo::root;

/// Where product code is.
const SOURCES: &[&str] = &[
    "bench/hello-worker/src",
    "bench/src",
    "control-api/src",
    "core/src",
    "dev/src",
    "edge-worker/src",
    "js-sdk/wasm/src",
    "serving/src",
    "stats/src",
    "tests/golden-stats/src",
    "tests/golden/src",
    "xtask/src",
];

const LONGEST: usize = 500;

/// Where SQL is.
const SQL: &str = "control-api/src/store/";

/// What starts a statement, in the spelling that is used here.
const STATEMENTS: &[&str] = &["sqlx::query", "SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "NOTIFY "];

pub(super) fn breaches() -> Result<Vec<String>> {
    let mut breaches = Vec::new();
    for source in SOURCES {
        for file in rust_files(&root().join(source))? {
            let text = std::fs::read_to_string(&file)?;
            breaches.extend(length_breach(&shown(&file), &text));
            breaches.extend(sql_breach(&shown(&file), &text));
        }
    }
    breaches.extend(path_breaches()?);
    Ok(breaches)
}

fn length_breach(file: &str, text: &str) -> Option<String> {
    let lines = text.lines().count();
    (lines > LONGEST).then(|| format!("{file}: {lines} lines, more than {LONGEST}: split it"))
}

/// The control API's SQL stays in one folder. Other packages' is their own.
fn sql_breach(file: &str, text: &str) -> Option<String> {
    if !file.starts_with("control-api/") || file.starts_with(SQL) {
        return None;
    }
    let code = product_code(text);
    let found = STATEMENTS.iter().find(|statement| code.contains(**statement))?;
    Some(format!("{file}: `{}` belongs in {SQL}", found.trim()))
}

/// Nobody's own folders in what is checked in: they mean nothing elsewhere.
fn path_breaches() -> Result<Vec<String>> {
    let mut private = vec![format!("{}/", root().display())];
    private.extend(std::env::var("HOME").ok().filter(|home| home.len() > 1).map(|h| h + "/"));
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .context("running git ls-files")?;
    let names = String::from_utf8(output.stdout).context("reading git's list of files")?;
    let mut breaches = Vec::new();
    for name in names.lines() {
        let Ok(text) = std::fs::read_to_string(root().join(Path::new(name))) else { continue };
        if let Some(found) = private.iter().find(|path| text.contains(path.as_str())) {
            breaches.push(format!("{name}: names a folder of this machine, {found}"));
        }
    }
    Ok(breaches)
}

#[cfg(test)]
mod tests {
    use super::{length_breach, sql_breach};

    #[test]
    fn sql_outside_the_store_is_seen() {
        let text = "let row = sqlx::query(\"SELECT 1\");";
        assert!(sql_breach("control-api/src/routes/a.rs", text).is_some());
        assert!(sql_breach("control-api/src/store/a.rs", text).is_none());
        assert!(sql_breach("control-api/src/routes/a.rs", "// SELECT what you like").is_none());
    }

    #[test]
    fn long_files_are_seen() {
        assert!(length_breach("a.rs", &"\n".repeat(501)).is_some());
        assert!(length_breach("a.rs", &"\n".repeat(500)).is_none());
    }
}
