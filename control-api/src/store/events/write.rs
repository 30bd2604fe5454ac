//! Events in a transaction of their own, by COPY.

use std::collections::HashSet;

use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, Postgres};
use uuid::Uuid;

use super::claim::{Appended, begin};
use super::copy::{Common, copy_events, copy_exposures};
use crate::domain::event::{NewEvent, NewExposure};
use crate::store::{Store, StoreResult};

/// A connection that goes back to the pool only after a success: one on which a COPY failed, or whose user was
/// dropped in the middle of one, would fail whoever gets it next.
struct Lent {
    connection: PoolConnection<Postgres>,
    is_clean: bool,
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.is_clean {
            self.connection.close_on_drop();
        }
    }
}

impl Store {
    /// Writes events in a transaction. Once this returns, they are durable.
    ///
    /// # Errors
    ///
    /// What the database says. Nothing was written then, unless it is the answer to the commit that was lost;
    /// writing the same again is right in either case, as events have ids.
    pub async fn write_events(
        &self,
        exposures: &[NewExposure],
        events: &[NewEvent],
    ) -> StoreResult<Appended> {
        let ids: Vec<Uuid> = exposures.iter().map(|it| it.id).chain(events.iter().map(|it| it.id)).collect();
        let all = ids.len() as u64;
        let mut lent = Lent { connection: self.pool.acquire().await?, is_clean: false };
        let mut transaction = lent.connection.begin().await?;
        let claim = begin(&mut transaction).await?;
        let mut new = claim.take(&mut transaction, ids).await?;
        let common = Common { batch: claim.batch, received_at: claim.received_at };
        let exposures = once(exposures, |it| it.id, &mut new);
        if !exposures.is_empty() {
            copy_exposures(&mut transaction, common, &exposures).await?;
        }
        let events = once(events, |it| it.id, &mut new);
        if !events.is_empty() {
            copy_events(&mut transaction, common, &events).await?;
        }
        transaction.commit().await?;
        lent.is_clean = true;
        let written = (exposures.len() + events.len()) as u64;
        Ok(Appended { written, duplicates: all - written })
    }
}

/// The first of each id that is new.
pub(super) fn once<'e, T>(all: &'e [T], id: impl Fn(&T) -> Uuid, new: &mut HashSet<Uuid>) -> Vec<&'e T> {
    all.iter().filter(|it| new.remove(&id(it))).collect()
}
