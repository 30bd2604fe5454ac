//! A server of an earlier run that is still there, or whose lock file is.
//!
//! Postgres itself removes the lock file of a dead server, but trusts the process id in it: after
//! a crash of the machine that id may belong to anything. So it is looked at more closely.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

/// Waits for an earlier server on this data to be gone, hurries it, and removes a stale lock file.
pub(super) async fn clear(data: &Path) -> Result<()> {
    let lock = data.join("postmaster.pid");
    let Some(pid) = recorded(&lock) else {
        return Ok(());
    };
    let deadline = Instant::now() + Duration::from_secs(15);
    let mut hurried = false;
    while is_postgres_on(pid, data) {
        if Instant::now() > deadline {
            bail!(
                "Postgres (process {pid}) still runs on {}: stop whatever started it, or end it \
                 with `kill -INT {pid}`",
                data.display()
            );
        }
        if !hurried {
            // Its guard is ending it already, unless that was killed too.
            signal(pid, Signal::INT);
            hurried = true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    match std::fs::remove_file(&lock) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing the stale {}", lock.display()))
        }
        _ => Ok(()),
    }
}

fn recorded(lock: &Path) -> Option<i32> {
    std::fs::read_to_string(lock).ok()?.lines().next()?.trim().parse().ok()
}

fn is_postgres_on(pid: i32, data: &Path) -> bool {
    let output = Command::new("ps").args(["-o", "args=", "-p", &pid.to_string()]).output();
    output.is_ok_and(|output| {
        let line = String::from_utf8_lossy(&output.stdout).into_owned();
        line.contains("postgres") && line.contains(&*data.to_string_lossy())
    })
}

fn signal(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        // It may have ended by itself in the meantime.
        let _ = kill_process(pid, signal);
    }
}
