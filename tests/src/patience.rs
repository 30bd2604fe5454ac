//! Waiting for what happens in another process.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Asks again and again until the answer is there, for half a minute.
pub async fn eventually<T, F>(what: &str, mut ask: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<Option<T>>>,
{
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let answer = ask().await;
        if let Ok(Some(answer)) = answer {
            return Ok(answer);
        }
        if Instant::now() > deadline {
            match answer {
                Err(error) => return Err(error.context(format!("waiting in vain: {what}"))),
                Ok(_) => bail!("waiting in vain: {what}"),
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
