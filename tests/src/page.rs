//! Pages: scripts that open them in Chromium, and what such a script asks for.

use std::net::{Ipv4Addr, TcpListener};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use lotwise_dev::{EdgeWorker, Stack};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;

use crate::edge;

/// An edge Worker, and the port of the pages that it answers.
pub struct PageSite {
    /// It looks at the store each second.
    pub worker: EdgeWorker,
    port: u16,
    /// Keeps the port from others until the pages are served there.
    hold: Option<TcpListener>,
}

impl PageSite {
    /// In front of the stack's store.
    pub async fn new(stack: &Stack) -> Result<Self> {
        let hold = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = hold.local_addr()?.port();
        let origin = format!("http://localhost:{port}");
        let worker = edge(stack, &[("CORS_ORIGINS", &origin)]).await?;
        Ok(Self { worker, port, hold: Some(hold) })
    }

    /// Runs a script of `page/` to its end. `more` is what it is given beside addresses. Lines in which
    /// it says `do: something` go to `act`; anything else that it says is a complaint.
    pub async fn run(
        &mut self,
        script: &str,
        more: Value,
        mut act: impl AsyncFnMut(&mut EdgeWorker, &str) -> Result<()>,
    ) -> Result<()> {
        let mut arguments = json!({"port": self.port, "edge": self.worker.url()});
        for (name, value) in more.as_object().into_iter().flatten() {
            arguments[name] = value.clone();
        }
        drop(self.hold.take());
        let mut child = Command::new("node")
            .arg(format!("{}/page/{script}.mjs", env!("CARGO_MANIFEST_DIR")))
            .arg(arguments.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("running node")?;
        let mut input = child.stdin.take().context("node takes no input")?;
        let mut lines = BufReader::new(child.stdout.take().context("node says nothing")?).lines();
        let mut complaints = Vec::new();
        while let Some(line) = lines.next_line().await? {
            match line.strip_prefix("do: ") {
                Some(asked) => {
                    act(&mut self.worker, asked).await?;
                    input.write_all(b"done\n").await?;
                }
                None => complaints.push(line),
            }
        }
        let status = child.wait().await?;
        ensure!(status.success() && complaints.is_empty(), "{script}: {}", complaints.join("\n"));
        Ok(())
    }
}
