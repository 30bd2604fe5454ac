//! What `serve` takes.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::Context;
use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};

use super::{AdminArgs, AnalysisArgs, DecideArgs, EventArgs, StoreArgs, given};

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// The admin API and the publisher.
    Control,
    /// Decisions, from the store alone: no database.
    Decide,
    /// Both, on one port.
    All,
}

impl Role {
    /// Whether the admin API is part of it.
    pub fn has_control(self) -> bool {
        self != Self::Decide
    }

    /// Whether decisions are part of it.
    pub fn has_decide(self) -> bool {
        self != Self::Control
    }
}

/// Settings of the database.
#[derive(Args, Clone)]
#[command(next_help_heading = "Database")]
pub struct DatabaseArgs {
    /// Postgres, as postgres://user:password@host/name?sslmode=verify-full.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,

    /// Connections at most.
    #[arg(
        long,
        env = "DATABASE_MAX_CONNECTIONS",
        default_value_t = 10,
        value_parser = clap::value_parser!(u32).range(2..),
        value_name = "N"
    )]
    pub database_max_connections: u32,
}

impl DatabaseArgs {
    /// The database's URL, or what to do about its absence.
    pub fn url(&self) -> anyhow::Result<&str> {
        given(self.database_url.as_ref()).context(
            "DATABASE_URL is not set: experiments and events are kept in Postgres. Set it to a \
             postgres:// URL; of all roles only `serve --role decide` needs no database",
        )
    }
}

/// Settings of `serve`.
#[derive(Args, Clone)]
pub struct ServeArgs {
    /// What this process does.
    #[arg(long, env = "ROLE", value_enum, default_value_t = Role::All)]
    pub role: Role,

    /// The address to listen on; 0.0.0.0 for every one.
    #[arg(long, env = "BIND_ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub bind: IpAddr,

    /// The port, with --role all.
    #[arg(long, env = "PORT", default_value_t = 3000)]
    port: u16,

    /// The port, with --role control.
    #[arg(long, env = "EXPERIMENT_SERVICE_PORT", default_value_t = 3001, value_name = "PORT")]
    experiment_service_port: u16,

    /// The port, with --role decide.
    #[arg(long, env = "DECISION_SERVICE_PORT", default_value_t = 3002, value_name = "PORT")]
    decision_service_port: u16,

    /// Run the migrations before serving.
    #[arg(long, env = "MIGRATE", value_parser = FalseyValueParser::new())]
    pub migrate: bool,

    /// Settings of the database.
    #[command(flatten)]
    pub database: DatabaseArgs,

    /// Settings of the admin API.
    #[command(flatten)]
    pub admin: AdminArgs,

    /// Settings of results and metrics.
    #[command(flatten)]
    pub analysis: AnalysisArgs,

    /// Settings of the store.
    #[command(flatten)]
    pub store: StoreArgs,

    /// Settings of the decide role.
    #[command(flatten)]
    pub decide: DecideArgs,

    /// Settings of events.
    #[command(flatten)]
    pub events: EventArgs,
}

impl ServeArgs {
    /// Where to listen.
    pub fn address(&self) -> SocketAddr {
        let port = match self.role {
            Role::Control => self.experiment_service_port,
            Role::Decide => self.decision_service_port,
            Role::All => self.port,
        };
        SocketAddr::new(self.bind, port)
    }
}
