//! What no compiler checks: who may import whom, how long a file gets, where SQL is.

mod crates;
mod files;
mod imports;
mod modules;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::cargo::root;

/// Prints every breach; whether there is none.
pub(crate) fn run() -> Result<bool> {
    let mut breaches = crates::breaches()?;
    breaches.extend(modules::breaches()?);
    breaches.extend(files::breaches()?);
    for breach in &breaches {
        println!("{breach}");
    }
    Ok(breaches.is_empty())
}

/// Every Rust file below a folder of the project; none when there is no such folder.
fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.with_context(|| format!("reading {}", folder.display()))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The path as people write it.
fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_project_is_tidy() {
        assert!(super::run().expect("readable files"), "see the list above");
    }
}
