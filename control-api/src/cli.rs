//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::settings::{DatabaseArgs, ServeArgs};
use crate::store::Store;
use crate::{openapi, serve, telemetry};

/// Feature flags and A/B experiments: the admin API, the publisher and native decisions.
#[derive(Parser)]
#[command(name = "lotwise", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the admin API, decisions, or both.
    Serve(Box<ServeArgs>),
    /// Bring the database's schema up to date.
    Migrate(DatabaseArgs),
    /// Print the OpenAPI document.
    Openapi {
        /// Compare this file with it instead, and fail when it is stale.
        #[arg(long, value_name = "FILE")]
        check: Option<PathBuf>,
    },
}

/// Runs the command that the process was started with.
pub async fn run() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Serve(args) => {
            telemetry::start()?;
            serve::serve(&args).await
        }
        Command::Migrate(args) => {
            telemetry::start()?;
            let store = Store::connect(args.url()?, args.database_max_connections).await?;
            store.migrate().await
        }
        Command::Openapi { check: Some(file) } => openapi::check(&file),
        Command::Openapi { check: None } => {
            use std::io::Write;
            Ok(std::io::stdout().write_all(openapi::text()?.as_bytes())?)
        }
    }
}
