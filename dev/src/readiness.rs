//! Waiting until a program that was just started does its work.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::guard::Guarded;

/// Asks again and again, for a minute at most and while the program runs.
pub(crate) async fn until_ready(
    name: &str,
    process: &mut Guarded,
    is_ready: impl AsyncFn(&Guarded) -> bool,
) -> Result<()> {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !is_ready(process).await {
        if !process.is_running() {
            bail!("{name} ended while starting:\n{}", process.log_tail());
        }
        if Instant::now() > deadline {
            bail!("{name} does not get ready:\n{}", process.log_tail());
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    Ok(())
}
