//! A Postgres server that we start: its data folder, its password, its process.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use sqlx::Connection as _;
use tokio::process::Command;

use super::binaries::Binaries;
use super::{Durability, database, leftover};
use crate::guard::{Guarded, Program, args};
use crate::home::{Owner, create, random_digits, remove, shared_twin};
use crate::ports::free_port;

const USER: &str = "lotwise";

#[derive(Debug)]
pub(super) struct Cluster {
    folder: PathBuf,
    owner: Option<Owner>,
    binaries: Binaries,
    durability: Durability,
    password: String,
    port: u16,
    server: Option<Guarded>,
}

impl Cluster {
    pub(super) async fn start(home: &Path, durability: Durability) -> Result<Self> {
        let owner = Owner::unless_root()?;
        let folder = folder(&home.join("postgres"), owner)?;
        let data = folder.join("data");
        let binaries = Binaries::find(owner, written_by(&data)?)?;
        let password = password(&folder)?;
        let port = free_port()?;
        let mut cluster = Self { folder, owner, binaries, durability, password, port, server: None };
        if !data.exists() {
            cluster.initialise().await?;
        }
        cluster.restart().await?;
        database::ensure(&cluster.url("postgres"), "lotwise").await?;
        Ok(cluster)
    }

    pub(super) fn url(&self, database: &str) -> String {
        format!("postgres://{USER}:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    pub(super) async fn stop(&mut self) -> Result<()> {
        if let Some(mut server) = self.server.take() {
            server.stop().await?;
        }
        Ok(())
    }

    pub(super) async fn kill(&mut self) -> Result<()> {
        if let Some(mut server) = self.server.take() {
            server.kill().await?;
        }
        Ok(())
    }

    pub(super) async fn restart(&mut self) -> Result<()> {
        self.stop().await?;
        leftover::clear(&self.data()).await?;
        // The backends of a killed server hold its shared memory for a moment longer, and somebody
        // may have taken the free port: a few tries.
        let mut tries = 0;
        loop {
            let mut server = self.spawn()?;
            let Err(error) = self.wait_until_ready(&mut server).await else {
                self.server = Some(server);
                return Ok(());
            };
            tries += 1;
            if tries == 5 {
                return Err(error);
            }
            server.stop().await?;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Makes a new data folder, all or nothing.
    async fn initialise(&self) -> Result<()> {
        let unfinished = self.folder.join("data.unfinished");
        remove(&unfinished)?;
        let mut command = Command::new(self.binaries.program("initdb"));
        command
            .arg("--pgdata")
            .arg(&unfinished)
            .arg("--pwfile")
            .arg(self.folder.join("password"))
            .args(["--username", USER, "--auth", "scram-sha-256"])
            .args(["--encoding", "UTF8", "--locale", "C"])
            .current_dir(&self.folder)
            .stdin(Stdio::null());
        if self.durability == Durability::Disposable {
            command.arg("--no-sync");
        }
        if let Some(owner) = self.owner {
            command.uid(owner.uid).gid(owner.gid);
        }
        let output = command.output().await.context("running initdb")?;
        if !output.status.success() {
            bail!("initdb failed:\n{}", String::from_utf8_lossy(&output.stderr));
        }
        std::fs::rename(&unfinished, self.data()).context("putting the data folder in place")
    }

    fn spawn(&self) -> Result<Guarded> {
        let mut settings = vec![
            format!("port={}", self.port),
            "listen_addresses=127.0.0.1".into(),
            "unix_socket_directories=".into(),
            "max_connections=200".into(),
            "timezone=UTC".into(),
        ];
        let more = match self.durability {
            // Not `synchronous_commit=off`: that would lose commits to a `kill -9` as well.
            Durability::Disposable => &["shared_buffers=64MB", "fsync=off", "full_page_writes=off"][..],
            Durability::Durable => &["shared_buffers=64MB"],
            Durability::Measured => &["shared_buffers=1GB", "max_wal_size=4GB", "checkpoint_timeout=15min"],
        };
        settings.extend(more.iter().copied().map(String::from));
        let mut args = args([&"-D", &self.data()]);
        for setting in settings {
            args.extend(["-c".into(), setting.into()]);
        }
        Guarded::start(Program {
            path: &self.binaries.program("postgres"),
            args,
            env: Vec::new(),
            stop_signal: "INT",
            patience: Duration::from_secs(20),
            log: self.folder.join("postgres.log"),
            folder: &self.folder,
            owner: self.owner,
        })
    }

    async fn wait_until_ready(&self, server: &mut Guarded) -> Result<()> {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let refusal = match database::connect(&self.url("postgres")).await {
                Ok(connection) => return Ok(connection.close().await?),
                Err(error) => error,
            };
            if !server.is_running() {
                bail!("Postgres ended while starting:\n{}", server.log_tail());
            }
            if Instant::now() > deadline {
                bail!("Postgres does not get ready ({refusal:#}):\n{}", server.log_tail());
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }
}

/// Where the data goes: as asked, or, when Postgres's user cannot get there, under `/var/tmp`.
fn folder(wanted: &Path, owner: Option<Owner>) -> Result<PathBuf> {
    let Some(owner) = owner else {
        create(wanted)?;
        return Ok(wanted.to_owned());
    };
    if owner.take(wanted)? {
        return Ok(wanted.to_owned());
    }
    let elsewhere = shared_twin(wanted);
    if owner.take(&elsewhere)? {
        return Ok(elsewhere);
    }
    bail!(
        "Postgres cannot run as root, and its user can open neither {} nor {}: run as a normal \
         user, or set DATABASE_URL",
        wanted.display(),
        elsewhere.display()
    )
}

/// Removes what [`Cluster::start`] keeps for this home outside it, for a fresh start.
pub(super) fn forget(home: &Path) -> Result<()> {
    remove(&shared_twin(&home.join("postgres")))
}

/// The major version that wrote the data, if there is any.
fn written_by(data: &Path) -> Result<Option<u32>> {
    match std::fs::read_to_string(data.join("PG_VERSION")) {
        Ok(text) => Ok(Some(text.trim().parse().context("reading PG_VERSION")?)),
        Err(_) => Ok(None),
    }
}

/// The superuser's password, made on first use.
fn password(folder: &Path) -> Result<String> {
    use std::io::Write as _;
    use std::os::unix::fs::{OpenOptionsExt as _, chown};
    let file = folder.join("password");
    if let Ok(password) = std::fs::read_to_string(&file) {
        return Ok(password);
    }
    let password = random_digits()?;
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&file)
        .and_then(|mut file| file.write_all(password.as_bytes()))
        .with_context(|| format!("writing {}", file.display()))?;
    // initdb reads it as the user that owns the folder.
    let owner = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(folder)?);
    chown(&file, Some(owner), None)?;
    Ok(password)
}
