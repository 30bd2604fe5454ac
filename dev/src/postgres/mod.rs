//! A private Postgres, or the one that `DATABASE_URL` names.
//!
//! The server is reached over loopback only and with a random password: a superuser of Postgres
//! can run programs as whoever started it, and loopback is open to every user of the machine and
//! every page's guesses. Unix sockets are off, since their paths are limited to about 100 bytes.

mod binaries;
mod cluster;
mod database;
mod leftover;
mod npm;

use std::path::Path;

use anyhow::Result;

use cluster::Cluster;
pub use database::Database;
pub(crate) use database::number;

/// What a power cut may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Nothing that was acknowledged, as in production.
    Durable,
    /// Nothing either, with the memory of a small server of its own: what is measured is not how little will do.
    Measured,
    /// Everything: a cluster that lives as long as one test. `kill -9` still costs nothing.
    Disposable,
}

/// A Postgres server to use.
#[derive(Debug)]
pub struct Postgres {
    url: String,
    cluster: Option<Cluster>,
}

impl Postgres {
    /// The server named by `DATABASE_URL`, or a private one with its data in `home`.
    pub async fn start(home: &Path, durability: Durability) -> Result<Self> {
        match std::env::var("DATABASE_URL") {
            Ok(url) if !url.is_empty() => Ok(Self { url, cluster: None }),
            _ => Self::start_private(home, durability).await,
        }
    }

    /// A private server with its data in `home`, whatever `DATABASE_URL` says.
    pub async fn start_private(home: &Path, durability: Durability) -> Result<Self> {
        let cluster = Cluster::start(home, durability).await?;
        Ok(Self { url: cluster.url("lotwise"), cluster: Some(cluster) })
    }

    /// Removes what [`start`](Self::start) may keep for this home outside it.
    pub(crate) fn forget(home: &Path) -> Result<()> {
        cluster::forget(home)
    }

    /// How to connect to its main database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether it was started here.
    pub fn is_private(&self) -> bool {
        self.cluster.is_some()
    }

    /// A new, empty database of its own on this server, for a stack that shares the server.
    pub async fn new_database(&self) -> Result<Database> {
        Database::create(&self.url).await
    }

    /// Stops it, if it was started here; the data stays.
    pub async fn stop(&mut self) -> Result<()> {
        match &mut self.cluster {
            Some(cluster) => cluster.stop().await,
            None => Ok(()),
        }
    }

    /// Ends it as `kill -9` would.
    pub async fn kill(&mut self) -> Result<()> {
        match &mut self.cluster {
            Some(cluster) => cluster.kill().await,
            None => anyhow::bail!("a Postgres that DATABASE_URL names is not ours to kill"),
        }
    }

    /// Starts it again after [`stop`](Self::stop) or [`kill`](Self::kill), at the same URL.
    pub async fn restart(&mut self) -> Result<()> {
        match &mut self.cluster {
            Some(cluster) => cluster.restart().await,
            None => Ok(()),
        }
    }
}
