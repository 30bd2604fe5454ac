//! Servers as processes of their own, which end when this one does, however it ends.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

/// Starts a program, says its id, and kills it when the pipe from us closes: on our `kill -9`, too.
const GUARD: &str = r#""$@" >&2 & echo $!; cat; kill -9 $!"#;

/// A server that runs.
#[derive(Debug)]
pub(crate) struct Child {
    guard: std::process::Child,
    pid: u32,
    address: SocketAddr,
    log: PathBuf,
}

impl Child {
    /// Starts a program that is going to listen on this address. Its log is named after it.
    pub(crate) fn start(
        name: &str,
        program: &Path,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
        address: SocketAddr,
    ) -> Result<Self> {
        let folder = Path::new("target/bench");
        fs::create_dir_all(folder).context("making target/bench")?;
        let log = folder.join(format!("{name}.log"));
        let mut command = Command::new("sh");
        command.args(["-c", GUARD, "guard"]).arg(program).args(arguments);
        // Settings in our environment are not part of what is measured.
        let kept = std::env::vars_os().filter(|(variable, _)| variable == "PATH");
        command.env_clear().envs(kept);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(File::create(&log)?);
        // Ctrl-C ends us, and the guard after us.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut guard = command.spawn().with_context(|| format!("starting {}", program.display()))?;
        let mut said = String::new();
        BufReader::new(guard.stdout.take().context("the guard's output")?).read_line(&mut said)?;
        let pid = said.trim().parse().context("the guard says no process id")?;
        Ok(Self { guard, pid, address, log })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What to look at when it does not answer.
    pub(crate) fn complaint(&self) -> String {
        format!("a server does not answer as it should; it wrote {}", self.log.display())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        // It has nothing to wait for but the end of its input.
        let _ = self.guard.wait();
    }
}

/// An address that nobody listens on.
pub(crate) fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("finding a free port")?;
    Ok(listener.local_addr()?)
}
