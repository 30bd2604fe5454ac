//! Exposures and events, made in the database.

use std::path::Path;

use anyhow::{Context, Result};
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, PgPool};
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

/// The experiment that is analysed.
pub(crate) struct Made {
    pub(crate) experiment_id: Uuid,
    pub(crate) environment_id: Uuid,
    pub(crate) variants: Vec<Uuid>,
}

pub(crate) const VARIANTS: usize = 4;

/// An experiment with four variants in an environment of its own.
pub(crate) async fn experiment(pool: &PgPool) -> Result<Made> {
    let environment_id = Uuid::now_v7();
    let experiment_id = Uuid::now_v7();
    let name = format!("bench-{}", &environment_id.simple().to_string()[20..]);
    sqlx::query("insert into environments (id, name, client_side_default) values ($1, $2, false)")
        .bind(environment_id)
        .bind(&name)
        .execute(pool)
        .await?;
    let sql = "insert into experiments (id, environment_id, key, name, status, salt, hash, bucket_by, sticky, \
               client_side, traffic_allocation, targeting_rules, rules, metrics, significance_level) \
               values ($1, $2, 'bench', 'bench', 'PAUSED', $3, 'murmur3', 'user_key', false, false, 10000, \
               '[]', '[]', '{}', 0.05)";
    sqlx::query(sql).bind(experiment_id).bind(environment_id).bind(&name).execute(pool).await?;
    let mut variants = Vec::new();
    for position in 0..VARIANTS {
        let id = Uuid::now_v7();
        let sql = "insert into variants (id, experiment_id, position, key, name, payload) \
                   values ($1, $2, $3, $4, $4, 'null')";
        sqlx::query(sql)
            .bind(id)
            .bind(experiment_id)
            .bind(i32::try_from(position)?)
            .bind(format!("v{position}"))
            .execute(pool)
            .await?;
        variants.push(id);
    }
    Ok(Made { experiment_id, environment_id, variants })
}

/// Exposes `users` users once each, over four weeks, in one batch; a thousandth also to a second variant.
pub(crate) async fn expose(pool: &PgPool, made: &Made, users: i64, batch: i64) -> Result<()> {
    let sql = "insert into exposures (received_at, batch, id, environment_id, experiment_id, variant_id, user_key, \
               reason, counts, is_override, is_verified, is_clamped, source, occurred_at) \
               select now(), $1, gen_random_uuid(), $2, $3, ($4::uuid[])[1 + ((n + extra) % 4)::int], \
               convert_to('user-' || lpad((n * 7919 % $5)::text, 24, '0'), 'UTF8'), 'SPLIT', true, false, true, \
               false, 2, now() - interval '28 days' + make_interval(secs => (n * 104729) % 2000000) \
               from generate_series(0, $5 - 1) as n, generate_series(0, case when n % 1000 = 0 then 1 else 0 end) \
               as extra";
    sqlx::query(sql)
        .bind(batch)
        .bind(made.environment_id)
        .bind(made.experiment_id)
        .bind(&made.variants)
        .bind(users)
        .execute(pool)
        .await?;
    Ok(())
}

/// Writes `events` events of users up to `users` in one batch: mostly visits, some sign-ups and purchases.
pub(crate) async fn happen(pool: &PgPool, made: &Made, users: i64, events: i64, batch: i64) -> Result<()> {
    let sql = "insert into events (received_at, batch, id, environment_id, user_key, event_name, value, is_verified, \
               is_clamped, source, occurred_at) \
               select now(), $1, gen_random_uuid(), $2, \
               convert_to('user-' || lpad(((n * 15485863 + $1) % $3)::text, 24, '0'), 'UTF8'), \
               (array['visit', 'visit', 'visit', 'signup', 'purchase'])[1 + (n % 5)::int], (n * 31) % 5000 / 100.0, true, \
               false, 2, now() - interval '28 days' + make_interval(secs => (n * 86028121) % 2400000) \
               from generate_series(0::bigint, $4 - 1) as n";
    sqlx::query(sql).bind(batch).bind(made.environment_id).bind(users).bind(events).execute(pool).await?;
    Ok(())
}

/// Writes what DuckDB needs of the rows into files.
pub(crate) async fn export(pool: &PgPool, made: &Made, folder: &Path) -> Result<()> {
    tokio::fs::create_dir_all(folder).await.context("making the folder for DuckDB")?;
    let variants: Vec<String> = made.variants.iter().map(|id| format!("'{id}'")).collect();
    let exposures = format!(
        "copy (select array_position(array[{}]::uuid[], variant_id), convert_from(user_key, 'UTF8'), \
         occurred_at at time zone 'UTC' from exposures where experiment_id = '{}') to stdout with (format csv)",
        variants.join(", "),
        made.experiment_id,
    );
    let events = format!(
        "copy (select convert_from(user_key, 'UTF8'), event_name, value, occurred_at at time zone 'UTC' \
         from events where environment_id = '{}') to stdout with (format csv)",
        made.environment_id,
    );
    for (name, statement) in [("exposures.csv", exposures), ("events.csv", events)] {
        let mut connection = pool.acquire().await?;
        let mut file = tokio::io::BufWriter::new(tokio::fs::File::create(folder.join(name)).await?);
        let mut rows = connection.copy_out_raw(&statement).await?;
        while let Some(chunk) = rows.try_next().await? {
            file.write_all(&chunk).await?;
        }
        file.flush().await?;
    }
    Ok(())
}

/// Lets Postgres know what it holds.
pub(crate) async fn analyze(pool: &PgPool) -> Result<()> {
    for table in ["exposures", "events", "analysis_units"] {
        // Safe: a constant.
        sqlx::query(AssertSqlSafe(format!("vacuum analyze {table}"))).execute(pool).await?;
    }
    Ok(())
}
