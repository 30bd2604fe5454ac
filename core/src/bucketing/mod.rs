//! From keys to buckets, and from weights to bucket ranges.

use alloc::vec::Vec;

/// An inclusive range of buckets, `start <= end <= 9999`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BucketRange {
    /// First bucket.
    pub start: u16,
    /// Last bucket.
    pub end: u16,
}

/// Why weights cannot be turned into ranges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightsError {
    /// No weight is positive.
    AllZero,
    /// The weight at this index is over 1,000,000.
    TooLarge(usize),
    /// The weight at this index is positive but too small to own a bucket.
    OwnsNoBucket(usize),
    /// The traffic share is over 10,000.
    TrafficShare,
}

/// Ranges by weight. `traffic_share` is in units of 0.0001 (10,000 = everyone). Placeholder.
pub fn ranges_from_weights(
    weights: &[u32],
    traffic_share: u16,
) -> Result<Vec<Option<BucketRange>>, WeightsError> {
    let _ = (weights, traffic_share);
    Err(WeightsError::AllZero)
}
