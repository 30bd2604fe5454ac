//! Postgres: the only place with SQL.
//!
//! Each action is one function that takes an [`Actor`](crate::domain::actor::Actor) and runs in one
//! transaction, together with the row of the history ([`audit`]) that tells about it.

pub mod analysis;
pub mod assignments;
pub mod audit;
pub mod changes;
mod clock;
pub mod environment_keys;
pub mod environments;
mod error;
pub mod events;
pub mod experiments;
pub mod groups;
mod health;
pub mod history;
pub mod holdouts;
pub mod jobs;
pub mod listing;
pub mod metrics;
pub mod recorded;
mod references;
mod samples;
pub mod scope;
pub mod segments;
pub mod tokens;
pub mod versions;

pub use clock::now;
pub use error::{StoreError, StoreResult};
pub use health::PoolUse;

use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use sqlx::PgPool;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use assignments::Documents;

/// The schema, step by step.
pub static MIGRATOR: Migrator = sqlx::migrate!("../migrations");

/// A database that does not answer for this long is reported as unavailable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// The database.
#[derive(Clone, Debug)]
pub struct Store {
    pool: PgPool,
    /// What assignments are decided on.
    documents: Documents,
}

impl Store {
    /// Connects, or says what to do when that fails.
    pub async fn connect(url: &str, max_connections: u32) -> anyhow::Result<Self> {
        let is_postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
        let options = PgConnectOptions::from_str(url)
            .ok()
            .filter(|_| is_postgres)
            // The cause may quote the URL, and with it a password.
            .context("DATABASE_URL is not a postgres:// URL")?
            .application_name("lotwise")
            .options([("statement_timeout", "15s"), ("lock_timeout", "5s")]);
        let pool = PgPoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options)
            .await
            .context("the database that DATABASE_URL names does not answer; is it running?")?;
        Ok(Self::from_pool(pool))
    }

    /// Uses a pool that exists already.
    pub fn from_pool(pool: PgPool) -> Self {
        Self { pool, documents: Documents::default() }
    }

    /// Brings the schema up to date. Replicas that start together wait for the first.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        let mut connection = self.pool.acquire().await.context("connecting to the database")?;
        // A migration may take as long as it takes; the connection is not used again.
        connection.close_on_drop();
        for setting in ["set statement_timeout = 0", "set lock_timeout = 0"] {
            sqlx::query(setting).execute(&mut *connection).await?;
        }
        MIGRATOR.run(&mut *connection).await.context("running the migrations")
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
