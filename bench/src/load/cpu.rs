//! What the kernel tells of other processes. `None` where it does not.

use std::fs;
use std::path::Path;
use std::time::Duration;

/// Linux counts in hundredths of a second towards programs, whatever its own clock does.
const TICK: Duration = Duration::from_millis(10);

/// The CPU time that a process has had, in the kernel as well as outside.
pub(crate) fn cpu_time(pid: u32) -> Option<Duration> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The program's name, in parentheses, may contain anything; utime and stime are the 12th and
    // 13th field after it.
    let (_, fields) = text.rsplit_once(')')?;
    let mut ticks = fields.split_whitespace().skip(11).map(str::parse::<u32>);
    Some(TICK * (ticks.next()?.ok()? + ticks.next()?.ok()?))
}

/// The CPU time of a process so far, in nanoseconds' precision.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FineCpu {
    /// Of its first thread.
    pub(crate) main: Duration,
    /// Of the threads that it has now.
    pub(crate) all: Duration,
}

impl FineCpu {
    /// What was added; a thread that ended has taken its own with it.
    pub(crate) fn since(self, before: Self) -> Self {
        Self { main: self.main.saturating_sub(before.main), all: self.all.saturating_sub(before.all) }
    }
}

/// What the scheduler has counted.
pub(crate) fn fine_cpu(pid: u32) -> Option<FineCpu> {
    let mut all = Duration::ZERO;
    for thread in fs::read_dir(format!("/proc/{pid}/task")).ok()? {
        all += scheduled(&thread.ok()?.path())?;
    }
    Some(FineCpu { main: scheduled(format!("/proc/{pid}/task/{pid}").as_ref())?, all })
}

fn scheduled(thread: &Path) -> Option<Duration> {
    let text = fs::read_to_string(thread.join("schedstat")).ok()?;
    Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
}

/// How many processes wanted a core in the last 1, 5 and 15 minutes.
pub(crate) fn load_average() -> Option<String> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    Some(text.split(' ').take(3).collect::<Vec<_>>().join(", "))
}
