//! Folders for the stack's data, and who owns them.

use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::postgres::Postgres;

/// The folder that a stack keeps its data in.
#[derive(Debug)]
pub enum Home {
    /// Kept across runs.
    Kept(PathBuf),
    /// Removed when dropped.
    Temporary(TempDir),
}

impl Home {
    /// A folder that stays, created if need be.
    pub fn kept(path: &Path) -> Result<Self> {
        create(path)?;
        Ok(Self::Kept(path.canonicalize()?))
    }

    /// A folder that goes away with this value.
    pub fn temporary() -> Result<Self> {
        let folder =
            tempfile::Builder::new().prefix("lotwise-").tempdir().context("creating a temporary folder")?;
        // Postgres may run as another user, who has to be able to pass through.
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o711))?;
        Ok(Self::Temporary(folder))
    }

    /// Removes all data in it.
    pub fn empty(&self) -> Result<()> {
        for part in ["postgres", "store", "server.log", "edge.log"] {
            remove(&self.path().join(part))?;
        }
        Postgres::forget(self.path())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        match self {
            Self::Kept(path) => path,
            Self::Temporary(folder) => folder.path(),
        }
    }
}

pub(crate) fn create(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).with_context(|| format!("creating the folder {}", path.display()))
}

/// Removes a file or a folder, if it is there.
pub(crate) fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// An unprivileged user to run as.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl Owner {
    /// Who runs Postgres: nobody in particular, or, as Postgres refuses to run as root, an
    /// unprivileged user when we are root.
    pub(crate) fn unless_root() -> Result<Option<Self>> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        for name in ["postgres", "nobody"] {
            if let (Some(uid), Some(gid)) = (id("-u", name), id("-g", name)) {
                return Ok(Some(Self { uid, gid }));
            }
        }
        bail!(
            "Postgres refuses to run as root, and there is no user `postgres` or `nobody` to run \
               it as: run as a normal user, or set DATABASE_URL to a server of your own"
        )
    }

    /// Makes a folder this user's own. False when the user cannot get at it, because some folder
    /// above it is closed.
    pub(crate) fn take(self, folder: &Path) -> Result<bool> {
        create(folder)?;
        chown(folder, Some(self.uid), Some(self.gid))
            .with_context(|| format!("giving {} to user {}", folder.display(), self.uid))?;
        Ok(self.can_enter(folder))
    }

    /// Whether this user can get at a folder.
    pub(crate) fn can_enter(self, folder: &Path) -> bool {
        self.can("cd", folder)
    }

    /// Whether this user can run a program.
    pub(crate) fn can_run(self, program: &Path) -> bool {
        self.can("test -x", program)
    }

    fn can(self, test: &str, path: &Path) -> bool {
        use std::os::unix::process::CommandExt;
        Command::new("sh")
            .arg("-c")
            .arg(format!("{test} \"$0\""))
            .arg(path)
            .current_dir("/")
            .uid(self.uid)
            .gid(self.gid)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }
}

fn id(flag: &str, name: &str) -> Option<u32> {
    let output = Command::new("id").args([flag, name]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// A folder outside any home for what an unprivileged user must reach, the same on every run.
pub(crate) fn shared_twin(folder: &Path) -> PathBuf {
    let name: String =
        folder.to_string_lossy().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    Path::new("/var/tmp").join(format!("lotwise{name}"))
}

/// 128 random bits as digits: a password, or a name that nothing else has.
pub(crate) fn random_digits() -> Result<String> {
    use std::io::Read as _;
    let mut bits = [0; 16];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bits))
        .context("reading /dev/urandom")?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bits)))
}
