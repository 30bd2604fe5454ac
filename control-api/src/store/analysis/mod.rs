//! From exposures and events to sums: per variant and metric, incrementally and anew.

mod arms;
mod behind;
mod counts;
mod filter;
mod full;
mod looks;
mod phases;
mod plans;
mod progress;
mod reading;
mod second_pass;
mod sums;
mod totals;
mod traffic;
mod update;

pub use counts::{Count, SignificantCount, StatusCount};
pub use looks::Look;
pub use phases::Phase;
pub(in crate::store) use phases::note_phase;
pub(in crate::store) use plans::note_plan;
pub use progress::Progress;
pub use reading::{Reading, Slice, Subject, Summary};
pub use second_pass::{Clamped, Clusters, Quantiles, Source};
pub use sums::{ArmSums, Sums};

use sqlx::{PgPool, Postgres, Transaction};
use tokio::sync::{Semaphore, SemaphorePermit};
use uuid::Uuid;

use super::{StoreError, StoreResult};

/// How many of these transactions a process has at a time: each may take memory and time, and others are to
/// find connections meanwhile.
const AT_A_TIME: usize = 2;

static PLACES: Semaphore = Semaphore::const_new(AT_A_TIME);

/// A transaction with the time and the memory that reading many rows takes, and its place among the few.
async fn analysis_transaction(
    pool: &PgPool,
) -> StoreResult<(SemaphorePermit<'static>, Transaction<'static, Postgres>)> {
    // It is never closed.
    let place = PLACES.acquire().await.map_err(|error| StoreError::Internal(error.to_string()))?;
    let mut transaction = pool.begin().await?;
    // Many expressions over few rows are sooner worked out than compiled.
    for setting in
        ["set local statement_timeout = '10min'", "set local work_mem = '256MB'", "set local jit = off"]
    {
        sqlx::query(setting).execute(&mut *transaction).await?;
    }
    Ok((place, transaction))
}

/// The variant that statements number `arm`, from 1.
fn variant_at(subject: &Subject, arm: i64) -> Option<Uuid> {
    let index = usize::try_from(arm).ok()?.checked_sub(1)?;
    subject.variants.get(index).copied()
}
