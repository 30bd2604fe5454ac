//! Where Postgres's programs are.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::npm;
use crate::home::Owner;

/// The oldest version that the migrations are written for.
const OLDEST: u32 = 15;

/// A folder with `initdb` and `postgres` in it.
#[derive(Debug, Clone)]
pub(super) struct Binaries {
    folder: PathBuf,
    pub(super) major: u32,
}

impl Binaries {
    /// The system's own, newest first, else npm's. `major` asks for one version, that of data
    /// which exists already.
    pub(super) fn find(owner: Option<Owner>, major: Option<u32>) -> Result<Self> {
        let mut found: Vec<Self> = folders().iter().filter_map(|folder| Self::at(folder)).collect();
        found.retain(|binaries| {
            binaries.major >= OLDEST && owner.is_none_or(|owner| owner.can_run(&binaries.program("postgres")))
        });
        found.sort_by_key(|binaries| std::cmp::Reverse(binaries.major));
        let fits = |binaries: &&Self| major.is_none_or(|major| binaries.major == major);
        if let Some(binaries) = found.iter().find(fits) {
            return Ok(binaries.clone());
        }
        let installed = npm::install(owner)?;
        match Self::at(&installed).filter(|binaries| fits(&binaries)) {
            Some(binaries) => Ok(binaries),
            None => bail!(
                "the data was written by Postgres {}, which is not installed here: install it, or \
                 start empty with --fresh",
                major.unwrap_or(OLDEST),
            ),
        }
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn at(folder: &Path) -> Option<Self> {
        if !folder.join("initdb").is_file() {
            return None;
        }
        let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
        let major = major(&String::from_utf8_lossy(&output.stdout))?;
        Some(Self { folder: folder.to_owned(), major })
    }
}

/// Every folder that may hold them.
fn folders() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    for parent in ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/usr/pgsql"] {
        let Ok(entries) = std::fs::read_dir(parent) else {
            continue;
        };
        folders.extend(entries.flatten().map(|entry| entry.path().join("bin")));
    }
    folders
}

/// The 15 of `postgres (PostgreSQL) 15.18 (Debian …)`.
fn major(version: &str) -> Option<u32> {
    let number = version.split(") ").nth(1)?;
    let digits = number.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn reads_versions() {
        assert_eq!(major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major("what?"), None);
    }
}
