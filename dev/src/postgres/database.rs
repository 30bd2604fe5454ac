//! One database on a server that others use too.

use anyhow::{Context, Result};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use crate::home::random_digits;

/// A database of its own, for one stack.
#[derive(Debug)]
pub struct Database {
    server_url: String,
    name: String,
    url: String,
}

impl Database {
    pub(super) async fn create(server_url: &str) -> Result<Self> {
        let name = format!("lotwise_{}", random_digits()?);
        run(server_url, &format!("CREATE DATABASE {name}"))
            .await
            .context("creating a temporary database (may the user of DATABASE_URL create one?)")?;
        let url = with_database(server_url, &name)?;
        Ok(Self { server_url: server_url.to_owned(), name, url })
    }

    /// How to connect to it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Removes it with all its data, whoever is connected.
    pub async fn drop_now(self) -> Result<()> {
        run(&self.server_url, &format!("DROP DATABASE {} WITH (FORCE)", self.name)).await
    }
}

/// Creates the named database unless it is there.
pub(super) async fn ensure(server_url: &str, name: &str) -> Result<()> {
    let mut connection = connect(server_url).await?;
    let found = sqlx::query("SELECT 1 FROM pg_database WHERE datname = $1")
        .bind(name)
        .fetch_optional(&mut connection)
        .await?;
    if found.is_none() {
        // A name cannot be a parameter here; ours are constants and random digits.
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut connection).await?;
    }
    connection.close().await?;
    Ok(())
}

pub(super) async fn connect(url: &str) -> Result<PgConnection> {
    let options: PgConnectOptions = url.parse().context("reading DATABASE_URL")?;
    options.connect().await.context("connecting to Postgres")
}

/// What a query gives: a number.
pub(crate) async fn number(url: &str, sql: &str) -> Result<i64> {
    let mut connection = connect(url).await?;
    let number = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(number)
}

async fn run(server_url: &str, statement: &str) -> Result<()> {
    let mut connection = connect(server_url).await?;
    sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// The same server, another database.
fn with_database(url: &str, name: &str) -> Result<String> {
    let mut url = reqwest::Url::parse(url).context("reading DATABASE_URL")?;
    url.set_path(name);
    Ok(url.into())
}
