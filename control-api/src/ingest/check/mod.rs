//! Exposures, decided again: at the version that each names, with the same core.
//!
//! This happens behind ingest and in front of analysis: the watermark moves over what was checked, and analysis
//! reads below the watermark. Findings, counts and the watermark are written in one transaction, so that each
//! exposure is checked and counted once, whatever dies in between.

mod documents;
mod verdict;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use lotwise_core::Scratch;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::store::events::{Checked, Closing, Finding, UncheckedExposure, Watermark};
use crate::store::{Store, StoreError, StoreResult};
use documents::{Documents, Named, Opened};
use verdict::verdict;

/// Decides exposures again.
#[derive(Debug)]
pub(super) struct Checker {
    /// Of 2^32.
    share: u64,
    documents: Mutex<Documents>,
}

/// What checking exposures has found.
#[derive(Debug, Default)]
struct Findings {
    findings: Vec<Finding>,
    counts: BTreeMap<(Uuid, Uuid), Checked>,
}

impl Checker {
    /// Of all exposures, this share is decided again.
    pub(super) fn new(share: f64) -> Self {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it lies in 0 to 2^32")]
        let share = (share.clamp(0.0, 1.0) * 4_294_967_296.0) as u64;
        Self { share, documents: Mutex::default() }
    }

    /// Moves the watermark over everything that was written before this call.
    pub(super) async fn settle(&self, store: &Store) -> StoreResult<Watermark> {
        // One step at a time in this process; the database keeps others away.
        let mut documents = self.documents.lock().await;
        while let Some(closing) = store.begin_closing().await? {
            let has_more = closing.has_more;
            let watermark = self.step(store, &mut documents, closing).await?;
            if !has_more {
                return Ok(watermark);
            }
        }
        store.watermark().await
    }

    async fn step(
        &self,
        store: &Store,
        documents: &mut Documents,
        mut closing: Closing,
    ) -> StoreResult<Watermark> {
        let exposures = closing.exposures().await?;
        let mut opened: HashMap<Named, Opened> = HashMap::new();
        for exposure in exposures.iter().filter(|it| self.is_sampled(it.id)) {
            let Some(named) = Named::by(exposure) else { continue };
            if let Entry::Vacant(vacant) = opened.entry(named) {
                let document = documents.open(store, vacant.key()).await?;
                vacant.insert(document);
            }
        }
        let share = self.share;
        let found = tokio::task::spawn_blocking(move || check(&exposures, &opened, share))
            .await
            .map_err(|error| StoreError::Internal(error.to_string()))?;
        let counts: Vec<_> = found.counts.into_iter().collect();
        closing.finish(&found.findings, &counts).await
    }

    fn is_sampled(&self, id: Uuid) -> bool {
        is_sampled(id, self.share)
    }
}

/// The same exposure is always in the sample or never.
fn is_sampled(id: Uuid, share: u64) -> bool {
    // Mixed, as ids may count up; the upper half of the product depends on all bits.
    let mixed = id.as_u64_pair().1.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    mixed < share
}

fn check(exposures: &[UncheckedExposure], opened: &HashMap<Named, Opened>, share: u64) -> Findings {
    let mut found = Findings::default();
    let mut scratch = Scratch::new();
    for exposure in exposures {
        let counts = found.counts.entry((exposure.experiment_id, exposure.variant_id)).or_default();
        counts.exposures += 1;
        counts.counted += i64::from(exposure.counts);
        counts.unverified += i64::from(!exposure.is_verified);
        counts.clamped += i64::from(exposure.is_clamped);
        let Some(named) = Named::by(exposure) else {
            counts.unnamed += 1;
            continue;
        };
        if !is_sampled(exposure.id, share) {
            continue;
        }
        let Some(document) = opened.get(&named) else { continue };
        counts.checked += 1;
        if let Err(wrong) = verdict(document, exposure, &mut scratch) {
            found.findings.push(Finding {
                id: exposure.id,
                batch: exposure.batch,
                experiment_id: exposure.experiment_id,
                variant_id: exposure.variant_id,
                reason: wrong.reason,
                expected_variant: wrong.expected_variant,
                expected_reason: wrong.expected_reason,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_have_their_share() {
        let count = |share: f64| {
            let share = Checker::new(share).share;
            (0..10_000_u128).filter(|number| is_sampled(Uuid::from_u128(*number), share)).count()
        };
        assert_eq!((count(0.0), count(1.0)), (0, 10_000));
        assert!((900..1100).contains(&count(0.1)), "{}", count(0.1));
    }
}
