//! The command line.

mod explain;
mod replay;

use std::path::PathBuf;

use clap::builder::Resettable;
use clap::{Arg, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::power::{self, PowerArgs};
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
    /// Explain what somebody gets, and why: at any published version, or by a document.
    ///
    /// Asks a server (--url, --environment), or decides by a file (--snapshot) without one.
    Explain(explain::ExplainArgs),
    /// Decide recorded exposures again, each by the document it was decided on, and report what differs.
    ///
    /// Exits with 0 when every one comes out as it was recorded. What cannot be replayed (an unknown digest or
    /// version, a malformed event) is reported and counts as a failure.
    Replay(replay::ReplayArgs),
    /// Plan an experiment: how many users, what power, which effect, how many days.
    Power(Box<PowerArgs>),
    /// Print the OpenAPI document.
    Openapi {
        /// Compare this file with it instead, and fail when it is stale.
        #[arg(long, value_name = "FILE")]
        check: Option<PathBuf>,
    },
}

/// Runs the command that the process was started with.
pub async fn run() -> anyhow::Result<()> {
    match parse().command {
        Command::Serve(args) => {
            telemetry::start()?;
            serve::serve(&args).await
        }
        Command::Migrate(args) => {
            telemetry::start()?;
            let store = Store::connect(args.url()?, args.database_max_connections).await?;
            store.migrate().await
        }
        Command::Explain(args) => explain::run(&args).await,
        Command::Replay(args) => replay::run(&args).await,
        Command::Power(args) => power::run(&args).await,
        Command::Openapi { check: Some(file) } => openapi::check(&file),
        Command::Openapi { check: None } => {
            use std::io::Write;
            Ok(std::io::stdout().write_all(openapi::text()?.as_bytes())?)
        }
    }
}

/// The command line and the environment, where an empty variable counts as unset.
fn parse() -> Cli {
    let unset_if_empty = |arg: Arg| match arg.get_env().map(std::env::var_os) {
        Some(Some(value)) if value.is_empty() => arg.env(Resettable::Reset),
        _ => arg,
    };
    let command = Cli::command().mut_subcommands(|it| it.mut_args(unset_if_empty));
    Cli::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit())
}
