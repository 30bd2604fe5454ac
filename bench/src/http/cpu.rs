//! What the kernel tells of other processes. `None` where it does not.

use std::fs;
use std::time::Duration;

/// Linux counts in hundredths of a second towards programs, whatever its own clock does.
const TICK: Duration = Duration::from_millis(10);

/// The CPU time that a process has had, in the kernel as well as outside.
pub(super) fn cpu_time(pid: u32) -> Option<Duration> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The program's name, in parentheses, may contain anything; utime and stime are the 12th and
    // 13th field after it.
    let (_, fields) = text.rsplit_once(')')?;
    let mut ticks = fields.split_whitespace().skip(11).map(str::parse::<u32>);
    Some(TICK * (ticks.next()?.ok()? + ticks.next()?.ok()?))
}

/// How many processes wanted a core in the last 1, 5 and 15 minutes.
pub(super) fn load_average() -> Option<String> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    Some(text.split(' ').take(3).collect::<Vec<_>>().join(", "))
}
