//! `cargo xtask dev`, `cargo xtask demo` and what `cargo xtask test` needs running: see
//! `lotwise-dev --help`.

mod command;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use lotwise_dev::{Port, StackOptions};

/// The development stack. Usually started through `cargo xtask`.
#[derive(Parser)]
#[command(name = "lotwise-dev")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run Postgres, the object store, the server and the edge Worker until Ctrl-C
    Stack {
        /// Where the data stays between runs
        #[arg(long, default_value = ".dev")]
        home: PathBuf,
        /// Remove the data of earlier runs first
        #[arg(long)]
        fresh: bool,
        /// Run this command against a stack of its own (free ports, temporary data), then stop
        #[arg(long, value_name = "COMMAND", conflicts_with = "fresh")]
        exec: Option<String>,
        /// The server's port
        #[arg(long, env = "PORT", default_value_t = lotwise_dev::DEFAULT_SERVER_PORT)]
        port: u16,
        /// The object store's port
        #[arg(long, env = "STORE_PORT", default_value_t = lotwise_dev::DEFAULT_STORE_PORT)]
        store_port: u16,
        /// The Worker's port
        #[arg(long, env = "EDGE_PORT", default_value_t = lotwise_dev::DEFAULT_EDGE_PORT)]
        edge_port: u16,
        /// Without the Worker, which needs Node
        #[arg(long)]
        no_edge: bool,
    },
    /// Run a command with a Postgres of its own, for tests
    Postgres {
        /// The command, through `sh -c`; sees `DATABASE_URL`
        #[arg(long, value_name = "COMMAND")]
        exec: String,
        /// A private one that syncs to disk, whatever `DATABASE_URL` says: for measuring
        #[arg(long)]
        durable: bool,
    },
    /// Create the walkthrough's experiment on a running server
    Demo {
        /// The server
        #[arg(long, default_value = "http://localhost:3000")]
        url: String,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse().command).await {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<u8> {
    match command {
        Command::Stack { exec: Some(line), no_edge, .. } => {
            let edge_port = (!no_edge).then_some(Port::Free);
            command::exec(&line, StackOptions { edge_port, ..StackOptions::disposable() }).await
        }
        Command::Stack { home, fresh, exec: None, port, store_port, edge_port, no_edge } => {
            let options = StackOptions {
                server_port: Port::Fixed(port),
                store_port: Port::Fixed(store_port),
                edge_port: (!no_edge).then_some(Port::Fixed(edge_port)),
                ..StackOptions::development()
            };
            command::stack(&home, fresh, options).await
        }
        Command::Postgres { exec, durable } => command::postgres(&exec, durable).await,
        Command::Demo { url } => lotwise_dev::demo(&url).await.map(|()| 0),
    }
}
