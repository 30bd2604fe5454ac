//! Hearing of changes that other processes make.

use std::time::Duration;

use sqlx::postgres::PgListener;

use super::{Store, StoreError, StoreResult};

/// What `mark_changed` notifies.
const CHANNEL: &str = "lotwise_changes";
/// A connection that is silent for so long is asked whether it is still there.
const SILENCE: Duration = Duration::from_secs(5);
/// How long it may take to say so.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long to wait before listening anew.
pub const PAUSE: Duration = Duration::from_millis(500);

/// A connection over which changes are heard of.
#[derive(Debug)]
pub struct Changes(PgListener);

impl Store {
    /// Starts listening. Whatever is committed from here on is heard of.
    pub async fn changes(&self) -> StoreResult<Changes> {
        let mut listener = PgListener::connect_with(&self.pool).await?;
        // Not silently: what happens in between would be missed.
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        Ok(Changes(listener))
    }
}

impl Changes {
    /// Waits for the next change. An error says that the connection is lost, and that changes may have been
    /// missed.
    pub async fn next(&mut self) -> StoreResult<()> {
        loop {
            match tokio::time::timeout(SILENCE, self.0.try_recv()).await {
                Ok(Ok(Some(_))) => return Ok(()),
                Ok(Ok(None)) => return Err(StoreError::Unavailable("the connection is lost".to_owned())),
                Ok(Err(error)) => return Err(error.into()),
                Err(_) => self.ask().await?,
            }
        }
    }

    /// Whether the other side is still there: a connection can end without either side being told.
    async fn ask(&mut self) -> StoreResult<()> {
        let asked = sqlx::query("select 1").execute(&mut self.0);
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(answer) => Ok(answer.map(|_| ())?),
            Err(_) => Err(StoreError::Unavailable("the connection is silent".to_owned())),
        }
    }
}
