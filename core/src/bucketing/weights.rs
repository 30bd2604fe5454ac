//! Weights and traffic shares to bucket ranges.

use alloc::vec::Vec;
use core::fmt;

use super::{BUCKETS, BucketRange};

/// The largest weight a variant may have.
pub const MAX_WEIGHT: u32 = 1_000_000;

/// Why weights cannot be turned into ranges. Indexes count the weights from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightsError {
    /// No weight is positive.
    AllZero,
    /// The weight at this index is over [`MAX_WEIGHT`].
    TooLarge(usize),
    /// The weight at this index is positive but too small, beside the others, to own a bucket.
    OwnsNoBucket(usize),
    /// The traffic share is over 10,000.
    TrafficShare,
}

impl fmt::Display for WeightsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AllZero => write!(f, "at least one weight must be positive"),
            Self::TooLarge(index) => write!(f, "weight {index} is over {MAX_WEIGHT}"),
            Self::OwnsNoBucket(index) => {
                write!(f, "weight {index} is too small beside the others to own one of the {BUCKETS} buckets")
            }
            Self::TrafficShare => write!(f, "the traffic share must be between 0 and 1"),
        }
    }
}

impl core::error::Error for WeightsError {}

/// The range of each weight, `None` for those that own no bucket.
///
/// With total `T` and cumulative sums `c`, weight `i` owns the buckets from `ceil(c[i-1] * 10000 / T)`
/// up to, not including, `ceil(c[i] * 10000 / T)`. `traffic_share`, in units of 0.0001 (10,000 is
/// everyone), then keeps the first `ceil(share * length)` buckets of each, so that raising it later
/// only adds users.
///
/// # Errors
///
/// All weights zero, a weight over [`MAX_WEIGHT`], a positive weight that would own no bucket even
/// with full traffic, or a share over 10,000.
pub fn ranges_from_weights(
    weights: &[u32],
    traffic_share: u16,
) -> Result<Vec<Option<BucketRange>>, WeightsError> {
    if traffic_share > BUCKETS {
        return Err(WeightsError::TrafficShare);
    }
    if let Some(index) = weights.iter().position(|weight| *weight > MAX_WEIGHT) {
        return Err(WeightsError::TooLarge(index));
    }
    let total: u64 = weights.iter().copied().map(u64::from).sum();
    if total == 0 {
        return Err(WeightsError::AllZero);
    }
    let buckets = u64::from(BUCKETS);
    let mut ranges = Vec::with_capacity(weights.len());
    let mut sum = 0_u64;
    let mut start = 0_u64;
    for (index, weight) in weights.iter().enumerate() {
        sum += u64::from(*weight);
        let end = (sum * buckets).div_ceil(total);
        if *weight > 0 && end == start {
            return Err(WeightsError::OwnsNoBucket(index));
        }
        let kept = (u64::from(traffic_share) * (end - start)).div_ceil(buckets);
        // Both bounds are below 10,000, so they fit.
        ranges.push((kept > 0).then(|| BucketRange { start: start as u16, end: (start + kept - 1) as u16 }));
        start = end;
    }
    Ok(ranges)
}
