//! The same rows, by COPY.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _};

/// Tables with the columns, indexes and partitions of those that events are kept in, and the id as key.
const PREPARE: &str = "do $$ declare parent text; week timestamptz := date_trunc('week', now(), 'UTC'); begin \
     foreach parent in array array['exposures', 'events'] loop \
         execute format('create table copied_%1$s (like %1$s including all) partition by range (received_at)', parent); \
         execute format('alter table copied_%1$s add primary key (id, received_at)', parent); \
         execute format('create table copied_%1$s_now partition of copied_%1$s for values from (%2$L) to (%3$L)', \
             parent, week, week + interval '14 days'); \
     end loop; end $$";

/// Copies what the rounds of the other side have written.
pub(super) struct Copied {
    connection: PgConnection,
    /// Everything up to this batch was copied.
    batch: i64,
}

impl Copied {
    /// Makes the tables. The server has migrated the database.
    pub(super) async fn prepare(database_url: &str) -> Result<Self> {
        let mut connection = PgConnection::connect(database_url).await.context("connecting to Postgres")?;
        connection.execute(PREPARE).await.context("making the tables to compare with")?;
        Ok(Self { connection, batch: 0 })
    }

    /// Copies the rows since the last round, and tells how many they are and how long COPY took.
    pub(super) async fn round(&mut self) -> Result<(usize, Duration)> {
        let sql = "select greatest((select max(batch) from exposures), (select max(batch) from events))";
        let until: i64 = sqlx::query_scalar(sql).fetch_one(&mut self.connection).await?;
        let mut data = Vec::new();
        for table in ["exposures", "events"] {
            data.push((table, self.read(table, until).await?));
        }
        self.batch = until;
        let (mut rows, mut elapsed) = (0, Duration::ZERO);
        for (table, bytes) in data {
            let started = Instant::now();
            let statement = format!("copy copied_{table} from stdin");
            let mut copy = self.connection.copy_in_raw(&statement).await?;
            for chunk in bytes.chunks(256 << 10) {
                copy.send(chunk).await?;
            }
            rows += usize::try_from(copy.finish().await?)?;
            elapsed += started.elapsed();
        }
        Ok((rows, elapsed))
    }

    async fn read(&mut self, table: &str, until: i64) -> Result<Vec<u8>> {
        use futures_util::TryStreamExt as _;

        let since = self.batch;
        let statement =
            format!("copy (select * from {table} where batch > {since} and batch <= {until}) to stdout");
        let mut bytes = Vec::new();
        let mut stream = self.connection.copy_out_raw(&statement).await?;
        while let Some(chunk) = stream.try_next().await? {
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}
