//! Slices of a group: who claims buckets beside what others hold.

use alloc::vec::Vec;
use core::fmt;

use crate::bucketing::{BUCKETS, BucketRange, BucketSet};

/// Ranges for one member of a group of slices that is to have `wanted` buckets, `own` being what it
/// holds already and `others` what everybody else holds, in any order.
///
/// A member that shrinks gives up its last buckets, one that grows goes on behind its last one, then
/// takes the first that are free. A new claim takes the narrowest gap that holds all of it, or, when
/// none does, the widest ones. Nothing that others hold is touched.
///
/// # Errors
///
/// More buckets than are free, or than there are; ranges of its own that others hold too.
///
/// ```
/// use lotwise_core::bucketing::BucketRange;
/// use lotwise_core::plan::{SliceError, claim};
///
/// let others = [BucketRange { start: 1000, end: 4999 }];
/// assert_eq!(claim(&[], &others, 600)?, [BucketRange { start: 0, end: 599 }]);
/// assert_eq!(claim(&[], &others, 6001), Err(SliceError::DoesNotFit { wanted: 6001, free: 6000 }));
/// # Ok::<(), SliceError>(())
/// ```
pub fn claim(
    own: &[BucketRange],
    others: &[BucketRange],
    wanted: u16,
) -> Result<Vec<BucketRange>, SliceError> {
    let own: BucketSet = own.iter().copied().collect();
    let others: BucketSet = others.iter().copied().collect();
    if let Some(range) = own.intersection(&others).ranges().first() {
        return Err(SliceError::Contested(*range));
    }
    let free = others.complement();
    if wanted > free.len() {
        return Err(SliceError::DoesNotFit { wanted, free: free.len() });
    }
    let wanted = usize::from(wanted);
    if wanted <= usize::from(own.len()) {
        return Ok(own.buckets().take(wanted).collect::<BucketSet>().into_ranges());
    }
    let gaps = free.difference(&own);
    let more = wanted - usize::from(own.len());
    let taken: Vec<u16> = match own.ranges().last() {
        Some(last) => {
            let (behind, before): (Vec<u16>, Vec<u16>) =
                gaps.buckets().partition(|bucket| *bucket > last.end);
            behind.into_iter().chain(before).take(more).collect()
        }
        None => first_claim(&gaps, more),
    };
    Ok(own.buckets().chain(taken).collect::<BucketSet>().into_ranges())
}

/// The narrowest gap that holds all of it; when none does, the widest ones.
fn first_claim(gaps: &BucketSet, wanted: usize) -> Vec<u16> {
    let mut gaps: Vec<(usize, BucketRange)> =
        gaps.ranges().iter().map(|gap| (usize::from(gap.end - gap.start) + 1, *gap)).collect();
    // Sorting is stable: of equals the first.
    gaps.sort_by_key(|(width, _)| *width);
    let fits = gaps.partition_point(|(width, _)| *width < wanted);
    let (narrow, wide) = gaps.split_at_checked(fits).unwrap_or_default();
    let order = wide.iter().chain(narrow.iter().rev());
    order.flat_map(|(_, gap)| gap.start..=gap.end).take(wanted).collect()
}

/// Why a slice cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SliceError {
    /// It does not fit beside what others hold.
    DoesNotFit {
        /// How many buckets it was to have.
        wanted: u16,
        /// How many others leave it, those it has among them.
        free: u16,
    },
    /// Others hold this range of its own.
    Contested(BucketRange),
}

impl fmt::Display for SliceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DoesNotFit { wanted, free } => {
                write!(f, "{wanted} buckets do not fit: the others of the group leave {free} of {BUCKETS}")
            }
            Self::Contested(BucketRange { start, end }) => {
                write!(f, "another experiment of the group holds {start} to {end} as well")
            }
        }
    }
}

impl core::error::Error for SliceError {}
