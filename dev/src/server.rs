//! `lotwise serve` as a child process.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::api::Api;
use crate::binary;
use crate::guard::{Guarded, Program};
use crate::ports::Port;
use crate::readiness::until_ready;

/// What a server does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The admin API and deciding, on one port.
    All,
    /// The admin API.
    Control,
    /// Deciding from what is published; no database.
    Decide,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Control => "control",
            Self::Decide => "decide",
        }
    }

    /// The setting that holds this role's port.
    fn port_setting(self) -> &'static str {
        match self {
            Self::All => "PORT",
            Self::Control => "EXPERIMENT_SERVICE_PORT",
            Self::Decide => "DECISION_SERVICE_PORT",
        }
    }
}

/// How to start a server.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// What it does.
    pub role: Role,
    /// Where it listens.
    pub port: Port,
    /// Its settings, and whatever else belongs in its environment.
    pub env: Vec<(String, String)>,
    /// Where its log goes.
    pub log: PathBuf,
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    options: ServerOptions,
    port: u16,
    process: Guarded,
}

impl Server {
    /// Starts a server and waits until it answers.
    pub async fn start(options: ServerOptions) -> Result<Self> {
        let port = options.port.claim("the server", "PORT")?;
        let process = spawn(&options, port)?;
        let mut server = Self { options, port, process };
        server.wait_until_ready().await?;
        Ok(server)
    }

    /// `http://localhost:` and its port.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// A client for its paths under `/api`.
    pub fn api(&self) -> Api {
        Api::new(&format!("{}/api", self.url()))
    }

    /// A client for its paths at the root.
    pub fn root(&self) -> Api {
        Api::new(&self.url())
    }

    /// The process itself.
    pub fn process(&mut self) -> &mut Guarded {
        &mut self.process
    }

    /// Stops it, giving it time to finish what it answers.
    pub async fn stop(&mut self) -> Result<()> {
        self.process.stop().await.map(drop)
    }

    /// Ends it as `kill -9` would.
    pub async fn kill(&mut self) -> Result<()> {
        self.process.kill().await.map(drop)
    }

    /// Starts it again on the same port with additional settings, and waits until it answers.
    pub async fn restart(&mut self, env: &[(&str, &str)]) -> Result<()> {
        self.kill().await?;
        let mut options = self.options.clone();
        options.env.extend(env.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        self.process = spawn(&options, self.port)?;
        self.wait_until_ready().await
    }

    async fn wait_until_ready(&mut self) -> Result<()> {
        let root = self.root();
        let is_well = async |_: &Guarded| root.get("/health").await.is_ok_and(|answer| answer.status == 200);
        until_ready("`lotwise serve`", &mut self.process, is_well).await
    }
}

fn spawn(options: &ServerOptions, port: u16) -> Result<Guarded> {
    let program = binary::lotwise()?;
    let folder = options.log.parent().unwrap_or(Path::new("."));
    let mut args: Vec<OsString> = ["serve", "--role", options.role.name()].map(Into::into).into();
    if options.role != Role::Decide {
        // Loopback only, so that the walkthrough needs no token.
        args.push("--allow-anonymous-admin".into());
    }
    let mut env: Vec<(OsString, OsString)> = vec![
        ("BIND_ADDRESS".into(), "127.0.0.1".into()),
        // The log goes to a file.
        ("NO_COLOR".into(), "1".into()),
        (options.role.port_setting().into(), port.to_string().into()),
    ];
    env.extend(options.env.iter().map(|(name, value)| (name.into(), value.into())));
    Guarded::start(Program {
        path: &program,
        args,
        env,
        stop_signal: "TERM",
        patience: Duration::from_secs(10),
        log: options.log.clone(),
        folder,
        owner: None,
    })
    .context("is `lotwise` built?")
}
