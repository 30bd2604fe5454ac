//! Logs.

use std::io::IsTerminal;

use anyhow::{Context, bail};
use tracing_subscriber::EnvFilter;

/// Starts logging to standard error: `LOG_FORMAT` is `pretty` or `json`, `RUST_LOG` filters.
pub fn start() -> anyhow::Result<()> {
    let filter = match std::env::var("RUST_LOG") {
        Ok(text) if !text.is_empty() => EnvFilter::try_new(text).context("RUST_LOG")?,
        _ => EnvFilter::new("info,aws_config=warn,aws_smithy_runtime=warn,sqlx=warn"),
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match std::env::var("LOG_FORMAT").as_deref() {
        Ok("json") => builder.json().init(),
        Ok("pretty" | "") | Err(_) => builder.init(),
        Ok(other) => bail!("LOG_FORMAT is {other:?}: use pretty or json"),
    }
    Ok(())
}
