//! Child processes that never outlive us.
//!
//! A destructor does not run after `kill -9`, and asking the kernel for a signal at the parent's
//! death is Linux-only and tied to a thread. So a short shell script stands between us and each
//! program: it holds the other end of a pipe, and when the pipe closes it stops the program.

use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, ChildStdin, Command};

use crate::home::Owner;

const SCRIPT: &str = include_str!("guard.sh");

/// What to run, and how to end it.
pub(crate) struct Program<'a> {
    pub(crate) path: &'a Path,
    pub(crate) args: Vec<OsString>,
    pub(crate) env: Vec<(OsString, OsString)>,
    /// The signal that asks it to stop, as `kill -s` names it.
    pub(crate) stop_signal: &'static str,
    /// How long it may take to stop before it is killed.
    pub(crate) patience: Duration,
    pub(crate) log: PathBuf,
    pub(crate) folder: &'a Path,
    /// Who it runs as, when not as ourselves.
    pub(crate) owner: Option<Owner>,
}

/// A running program that is stopped when this is dropped or when this process ends.
#[derive(Debug)]
pub struct Guarded {
    child: Child,
    lifeline: Option<ChildStdin>,
    log: PathBuf,
    /// How much of the log was there before.
    log_start: usize,
    patience: Duration,
}

impl Guarded {
    pub(crate) fn start(program: Program<'_>) -> Result<Self> {
        let log = open_log(&program.log)?;
        let log_start = usize::try_from(log.metadata()?.len())?;
        let mut command = Command::new("sh");
        command
            .args(["-c", SCRIPT, "guard", program.stop_signal])
            .arg((program.patience.as_millis() / 100).to_string())
            .arg("pipe")
            .arg(program.path)
            .args(&program.args)
            // Each program is told which database is its own, or that it has none.
            .env_remove("DATABASE_URL")
            .envs(program.env)
            .current_dir(program.folder)
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            // Ctrl-C in the terminal is ours to handle: the parts stop in order, not all at once.
            .process_group(0);
        if let Some(owner) = program.owner {
            command.uid(owner.uid).gid(owner.gid);
        }
        let mut child = command.spawn().with_context(|| format!("starting {}", program.path.display()))?;
        let lifeline = child.stdin.take();
        Ok(Self { child, lifeline, log: program.log, log_start, patience: program.patience })
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for it to end by itself.
    pub async fn wait(&mut self) -> Result<ExitStatus> {
        self.child.wait().await.context("waiting for a child process")
    }

    /// Asks it to stop, and kills it when it does not within its time.
    pub async fn stop(&mut self) -> Result<ExitStatus> {
        drop(self.lifeline.take());
        self.wait().await
    }

    /// Ends it as `kill -9` would, at once and with no chance to tidy up.
    pub async fn kill(&mut self) -> Result<ExitStatus> {
        signal_group(&self.child, Signal::KILL)?;
        self.wait().await
    }

    /// Everything that it wrote so far.
    pub(crate) fn output(&self) -> String {
        let log = std::fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(log.get(self.log_start..).unwrap_or_default()).into_owned()
    }

    /// The last lines that it wrote.
    pub fn log_tail(&self) -> String {
        let text = self.output();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(25)..].join("\n")
    }

    /// Where it writes.
    pub fn log(&self) -> &Path {
        &self.log
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        // Waiting here keeps what comes after (removing its files, the end of this process) from
        // overtaking it. The guard kills it after its patience, so this ends.
        let deadline = Instant::now() + self.patience + Duration::from_secs(1);
        while self.is_running() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A shell command line that gets our input and output, and ends when we do.
///
/// In a terminal it runs in our own process group, as a job in the background could not read from
/// the terminal, and Ctrl-C reaches it directly. Elsewhere it is guarded, with all that it starts.
pub struct CommandLine {
    child: Child,
    guarded: bool,
}

impl CommandLine {
    /// Runs `line` through `sh -c`.
    pub fn start(line: &str, env: &[(&str, String)]) -> Result<Self> {
        let guarded = !std::io::stdin().is_terminal();
        let mut command = Command::new("sh");
        if guarded {
            command.args(["-c", SCRIPT, "guard", "TERM", "50", "parent", "sh"]).process_group(0);
        }
        let child = command
            .args(["-c", line])
            .envs(env.iter().map(|(name, value)| (name, value)))
            .spawn()
            .with_context(|| format!("starting `{line}`"))?;
        Ok(Self { child, guarded })
    }

    /// Waits for it to end by itself.
    pub async fn wait(&mut self) -> Result<ExitStatus> {
        self.child.wait().await.context("waiting for the command")
    }

    /// Asks it to stop and waits a while; then kills it.
    pub async fn stop(&mut self) -> Result<ExitStatus> {
        if self.guarded {
            signal_group(&self.child, Signal::TERM)?;
        }
        if let Ok(status) = tokio::time::timeout(Duration::from_secs(5), self.wait()).await {
            return status;
        }
        if self.guarded {
            signal_group(&self.child, Signal::KILL)?;
        } else {
            self.child.start_kill()?;
        }
        self.wait().await
    }
}

fn signal_group(leader: &Child, signal: Signal) -> Result<()> {
    let id = leader.id().and_then(|id| i32::try_from(id).ok());
    if let Some(group) = id.and_then(Pid::from_raw) {
        kill_process_group(group, signal).context("signalling a process group")?;
    }
    Ok(())
}

fn open_log(path: &Path) -> Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .with_context(|| format!("opening the log {}", path.display()))
}

/// Arguments of mixed kinds.
pub(crate) fn args<const N: usize>(args: [&dyn AsRef<OsStr>; N]) -> Vec<OsString> {
    args.iter().map(|arg| arg.as_ref().to_owned()).collect()
}
