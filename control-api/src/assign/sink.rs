//! Where exposures go that do not go to the store.

use std::error::Error as StdError;
use std::fmt::Debug;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;

use super::Exposure;

/// What [`ExposureSink::record`] comes to.
pub type Recorded<'a> = Pin<Box<dyn Future<Output = Result<(), SinkError>> + Send + 'a>>;

/// An exposure that went nowhere, and why.
#[derive(Debug, Error)]
#[error("the exposure was not recorded: {0}")]
pub struct SinkError(pub Box<dyn StdError + Send + Sync>);

/// Takes the exposures of assignments that have been made: one for each call whose user is in, none of a
/// concluded experiment.
pub trait ExposureSink: Debug + Send + Sync + 'static {
    /// Takes them. An error fails the call, though its assignment stays: who would rather lose an exposure
    /// logs the failure and gives `Ok`.
    fn record(&self, exposures: Vec<Exposure>) -> Recorded<'_>;
}

impl<S: ExposureSink> ExposureSink for Arc<S> {
    fn record(&self, exposures: Vec<Exposure>) -> Recorded<'_> {
        S::record(self, exposures)
    }
}

/// Takes exposures nowhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSink;

impl ExposureSink for NoSink {
    fn record(&self, _exposures: Vec<Exposure>) -> Recorded<'_> {
        Box::pin(async { Ok(()) })
    }
}

/// Writes a line for each exposure to the log, at INFO. User keys and contexts stay out of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct TracingSink;

impl ExposureSink for TracingSink {
    fn record(&self, exposures: Vec<Exposure>) -> Recorded<'_> {
        for it in exposures {
            tracing::info!(
                id = %it.id,
                environment = it.environment,
                experiment = it.experiment_key,
                variant = it.variant_key,
                reason = it.reason.name(),
                request_id = it.request_id.as_deref(),
                "exposure"
            );
        }
        Box::pin(async { Ok(()) })
    }
}

/// Keeps exposures for a test to look at.
#[derive(Debug, Default)]
pub struct RecordingSink(Mutex<Vec<Exposure>>);

impl RecordingSink {
    /// Takes out what was recorded so far.
    pub fn take(&self) -> Vec<Exposure> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ExposureSink for RecordingSink {
    fn record(&self, exposures: Vec<Exposure>) -> Recorded<'_> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(exposures);
        Box::pin(async { Ok(()) })
    }
}
