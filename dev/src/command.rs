//! The subcommands that keep something running.

use std::fs::File;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::ExitStatus;

use anyhow::{Context, Result, bail};
use lotwise_dev::{CommandLine, Durability, Home, Postgres, Stack, StackOptions};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a shell answers for a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// The developer's stack, until Ctrl-C.
pub(crate) async fn stack(home: &Path, fresh: bool, options: StackOptions) -> Result<u8> {
    let mut stop = StopSignals::new()?;
    let home = Home::kept(home)?;
    let _lock = lock(home.path())?;
    if fresh {
        home.empty()?;
    }
    let mut stack = tokio::select! {
        stack = Stack::start(home, options) => stack?,
        () = stop.next() => return Ok(INTERRUPTED),
    };
    announce(&stack);
    let ended = tokio::select! {
        () = stop.next() => None,
        status = stack.server.process().wait() => Some(status?),
    };
    if let Some(status) = ended {
        bail!("the server ended by itself ({status}):\n{}", stack.server.process().log_tail());
    }
    println!("stopping");
    stack.stop().await?;
    Ok(0)
}

/// One command against a stack of its own.
pub(crate) async fn exec(line: &str, options: StackOptions) -> Result<u8> {
    let mut stop = StopSignals::new()?;
    let stack = tokio::select! {
        stack = Stack::start(Home::temporary()?, options) => stack?,
        () = stop.next() => return Ok(INTERRUPTED),
    };
    let code = run(line, &stack.exports(), &mut stop).await;
    stack.stop().await?;
    code
}

/// One command with a Postgres of its own.
pub(crate) async fn postgres(line: &str, is_durable: bool) -> Result<u8> {
    let mut stop = StopSignals::new()?;
    let home = Home::temporary()?;
    let start = async {
        match is_durable {
            true => Postgres::start_private(home.path(), Durability::Measured).await,
            false => Postgres::start(home.path(), Durability::Disposable).await,
        }
    };
    let mut postgres = tokio::select! {
        postgres = start => postgres?,
        () = stop.next() => return Ok(INTERRUPTED),
    };
    let code = run(line, &[("DATABASE_URL", postgres.url().to_owned())], &mut stop).await;
    postgres.stop().await?;
    code
}

async fn run(line: &str, env: &[(&str, String)], stop: &mut StopSignals) -> Result<u8> {
    let mut command = CommandLine::start(line, env)?;
    let status = tokio::select! {
        status = command.wait() => status?,
        () = stop.next() => command.stop().await?,
    };
    Ok(code(status))
}

/// As a shell reports it.
fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

fn announce(stack: &Stack) {
    let server = stack.server.url();
    println!("admin API   {server}/api");
    println!("decide      {server}/api/decide?user_key=user-123&env=prod");
    if let Some(edge) = &stack.edge {
        println!("edge        {}/decide?user_key=user-123&env=prod", edge.url());
    }
    println!("snapshots   {}", stack.store.bucket_url());
    println!("Postgres    {}", stack.database_url());
    println!("data, logs  {}", stack.home().path().display());
    println!("ready");
}

/// Keeps a second stack away from the same data.
fn lock(home: &Path) -> Result<File> {
    let path = home.join("lock");
    let file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
    if file.try_lock().is_err() {
        bail!(
            "another `cargo xtask dev` runs on {}: stop it first, or use --exec, which has data \
             and ports of its own",
            home.display()
        );
    }
    Ok(file)
}

/// Ctrl-C, or a polite kill.
struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl StopSignals {
    fn new() -> Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
        }
    }
}
