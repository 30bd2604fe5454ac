//! Postgres: the only place with SQL.
//!
//! Each action is one function that takes an [`Actor`](crate::domain::actor::Actor) and runs in one
//! transaction, so that a history row can join the change it tells about.

pub mod environments;
mod error;
pub mod experiments;
mod health;
pub mod jobs;
pub mod versions;

pub use error::{StoreError, StoreResult};

use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use sqlx::PgPool;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// The schema, step by step.
pub static MIGRATOR: Migrator = sqlx::migrate!("../migrations");

/// A database that does not answer for this long is reported as unavailable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// The database.
#[derive(Clone, Debug)]
pub struct Store {
    pool: PgPool,
}

impl Store {
    /// Connects, or says what to do when that fails.
    pub async fn connect(url: &str, max_connections: u32) -> anyhow::Result<Self> {
        let options = PgConnectOptions::from_str(url)
            // The cause may quote the URL, and with it a password.
            .map_err(|_| anyhow::anyhow!("DATABASE_URL is not a Postgres URL"))?
            .application_name("lotwise")
            .options([("statement_timeout", "15s"), ("lock_timeout", "5s")]);
        let pool = PgPoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options)
            .await
            .context("connecting to the database that DATABASE_URL names")?;
        Ok(Self { pool })
    }

    /// Uses a pool that exists already.
    pub fn from_pool(pool: PgPool) -> Self {
        Self { pool }
    }

    /// Brings the schema up to date.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        MIGRATOR.run(&self.pool).await.context("running the migrations")
    }

    /// Whether every migration that this program knows has run.
    pub async fn is_migrated(&self) -> bool {
        let count = MIGRATOR.iter().count();
        let sql = "select count(*) from _sqlx_migrations where success";
        let applied = sqlx::query_scalar::<_, i64>(sql).fetch_one(&self.pool).await;
        applied.is_ok_and(|applied| usize::try_from(applied).is_ok_and(|done| done >= count))
    }

    /// Waits for connections in use and closes all.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
