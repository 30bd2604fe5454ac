//! Workers beside a stack.

use anyhow::Result;
use lotwise_dev::{EdgeOptions, EdgeWorker, Stack};

/// A Worker on the stack's store, with these variables on top of the usual ones.
pub async fn edge(stack: &Stack, vars: &[(&str, &str)]) -> Result<EdgeWorker> {
    edge_with(stack.edge_options()?, vars).await
}

/// A Worker with options of its own.
pub async fn edge_with(mut options: EdgeOptions, vars: &[(&str, &str)]) -> Result<EdgeWorker> {
    options.vars.extend(vars.iter().map(|(name, value)| ((*name).into(), (*value).into())));
    EdgeWorker::start(options).await
}
