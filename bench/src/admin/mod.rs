//! The admin API against Postgres, on a stack of its own: durable, as in production.

mod assign;

use anyhow::{Result, ensure};
use lotwise_dev::{DatabaseChoice, Durability, Home, Stack, StackOptions};
use serde_json::Value;

use crate::report;

/// Measures, with so many users for each figure.
pub(crate) fn run(users: usize) -> Result<()> {
    ensure!(
        std::env::var_os("LOTWISE_BIN").is_some(),
        "LOTWISE_BIN names the program to measure, built with --release: run `cargo xtask bench admin`"
    );
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        let options = StackOptions {
            database: DatabaseChoice::Private,
            durability: Durability::Durable,
            ..StackOptions::disposable()
        };
        let stack = Stack::start(Home::temporary()?, options).await?;
        let figures = assign::measure(&stack, users).await?;
        stack.stop().await?;
        report::save("admin", &Value::Object(figures))
    })
}
