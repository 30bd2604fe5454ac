//! That the JavaScript peer does the same work.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::load::child::Child;
use crate::load::connection::Connection;
use crate::load::questions::Question;

/// Its hash is another, so that users get other variants, but of the same experiments. Fails unless it
/// assigns as many to each user as we do.
pub(super) async fn growthbook(server: &Child, ours: &[Question]) -> Result<()> {
    let mut connection = Connection::open(server.address()).await?;
    for question in ours {
        let answer = connection.ask(&question.request).await?;
        let body: Value = serde_json::from_slice(answer.body).context("the peer's answer")?;
        let assigned = body["assignments"].as_array().map(Vec::len);
        ensure!(assigned == Some(question.assignments), "the peer assigns {assigned:?}: {body}");
    }
    Ok(())
}
