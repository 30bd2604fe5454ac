//! The edge Worker in the Workers runtime, as a child process.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::api::Api;
use crate::binary;
use crate::guard::{Guarded, Program, args};
use crate::ports::Port;
use crate::readiness::until_ready;

/// How `serve.mjs` says that it is ready.
const READY: &str = r#"{"url":"#;

/// Which Worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EdgeBuild {
    /// What is deployed.
    Production,
    /// The same with routes that only tests ask for.
    Golden,
}

/// How to start a Worker.
#[derive(Debug, Clone)]
pub struct EdgeOptions {
    /// Which one.
    pub build: EdgeBuild,
    /// Where it listens.
    pub port: Port,
    /// Its variables and secrets.
    pub vars: Vec<(String, String)>,
    /// What it is bound to.
    pub bindings: EdgeBindings,
    /// Where its log goes.
    pub log: PathBuf,
}

/// The optional bindings of a Worker. What they keep is gone when it ends.
#[derive(Debug, Clone, Default)]
pub struct EdgeBindings {
    /// The R2 bucket `SNAPSHOTS`, filled at each start with the files of this folder.
    pub snapshots: Option<PathBuf>,
    /// `RATE_LIMITER`.
    pub rate_limiter: Option<EdgeRateLimit>,
    /// The queue `EVENTS`: each message becomes a line of JSON at the end of this file.
    pub events: Option<PathBuf>,
    /// Instead, the Worker takes the messages of the queue `EVENTS` itself and brings them to the control API,
    /// and what it gives up becomes a line of JSON at the end of this file.
    pub deliver: Option<PathBuf>,
}

/// What a rate limiter lets through.
#[derive(Debug, Clone, Copy)]
pub struct EdgeRateLimit {
    /// Requests per period.
    pub limit: u32,
    /// Seconds: 10 or 60.
    pub period: u32,
}

/// A running Worker.
#[derive(Debug)]
pub struct EdgeWorker {
    options: EdgeOptions,
    port: u16,
    process: Guarded,
}

impl EdgeWorker {
    /// Starts the Worker that is in the folder `LOTWISE_EDGE_DIR` (the golden one:
    /// `LOTWISE_EDGE_GOLDEN_DIR`), else one that is built now, and waits until it is ready.
    pub async fn start(options: EdgeOptions) -> Result<Self> {
        let port = options.port.claim("the Worker", "EDGE_PORT")?;
        let process = spawn(&options, port)?;
        let mut worker = Self { options, port, process };
        worker.wait_until_ready().await?;
        Ok(worker)
    }

    /// `http://localhost:` and its port.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// A client for its paths.
    pub fn root(&self) -> Api {
        Api::new(&self.url())
    }

    /// The process itself.
    pub fn process(&mut self) -> &mut Guarded {
        &mut self.process
    }

    /// Stops it.
    pub async fn stop(&mut self) -> Result<()> {
        self.process.stop().await.map(drop)
    }

    /// Ends it as `kill -9` would.
    pub async fn kill(&mut self) -> Result<()> {
        self.process.kill().await.map(drop)
    }

    /// Starts it again on the same port with additional variables, with empty caches, and waits
    /// until it is ready.
    pub async fn restart(&mut self, vars: &[(&str, &str)]) -> Result<()> {
        self.kill().await?;
        self.options.vars.extend(vars.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        self.process = spawn(&self.options, self.port)?;
        self.wait_until_ready().await
    }

    /// Not by asking: the Worker answers, and remembers that there is nothing, before its bucket is
    /// filled.
    async fn wait_until_ready(&mut self) -> Result<()> {
        let says_so = async |process: &Guarded| process.output().contains(READY);
        until_ready("the Worker", &mut self.process, says_so).await
    }
}

fn spawn(options: &EdgeOptions, port: u16) -> Result<Guarded> {
    let EdgeBindings { snapshots, rate_limiter, events, deliver } = &options.bindings;
    let vars: serde_json::Map<String, Value> =
        options.vars.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    let arguments = json!({
        "folder": match options.build {
            EdgeBuild::Production => binary::edge()?,
            EdgeBuild::Golden => binary::edge_golden()?,
        },
        "port": port,
        "vars": vars,
        "snapshots": snapshots,
        "rateLimiter": rate_limiter.map(|it| json!({"limit": it.limit, "period": it.period})),
        "events": events,
        "deliver": deliver,
    });
    Guarded::start(Program {
        path: Path::new("node"),
        args: args([&binary::workspace().join("edge-worker/local/serve.mjs"), &arguments.to_string()]),
        env: Vec::new(),
        stop_signal: "TERM",
        patience: Duration::from_secs(5),
        log: options.log.clone(),
        folder: options.log.parent().unwrap_or(Path::new(".")),
        owner: None,
    })
    .context("starting workerd")
}
