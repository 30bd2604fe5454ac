//! Sets of buckets, as ranges.

use alloc::vec::Vec;

use super::{BUCKETS, BucketRange};

/// Any set of buckets: ranges in order that neither overlap nor touch, so that equal sets are equal
/// values. What lies outside `0..BUCKETS`, or is reversed, is no bucket and never part of one.
///
/// ```
/// use lotwise_core::bucketing::{BucketRange, BucketSet};
///
/// let set: BucketSet = [(5, 9), (0, 4), (20, 29)].map(|(start, end)| BucketRange { start, end }).into_iter().collect();
/// assert_eq!(set.ranges().len(), 2);
/// assert_eq!((set.len(), set.contains(9), set.contains(10)), (20, true, false));
/// assert_eq!(set.complement().len(), 9980);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BucketSet(Vec<BucketRange>);

impl BucketSet {
    /// Every bucket.
    pub fn all() -> Self {
        Self(alloc::vec![BucketRange { start: 0, end: BUCKETS - 1 }])
    }

    /// The ranges in order, none touching the next.
    pub fn ranges(&self) -> &[BucketRange] {
        &self.0
    }

    /// The ranges in order, none touching the next.
    pub fn into_ranges(self) -> Vec<BucketRange> {
        self.0
    }

    /// How many buckets there are, 0 to 10,000.
    pub fn len(&self) -> u16 {
        // The ranges are disjoint and within 0..BUCKETS.
        self.0.iter().map(|range| range.end - range.start + 1).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `bucket` is among them.
    pub fn contains(&self, bucket: u16) -> bool {
        let behind = self.0.partition_point(|range| range.start <= bucket);
        let before = behind.checked_sub(1).and_then(|index| self.0.get(index));
        before.is_some_and(|range| range.contains(bucket))
    }

    /// The buckets in order.
    pub fn buckets(&self) -> impl DoubleEndedIterator<Item = u16> {
        self.0.iter().flat_map(|range| range.start..=range.end)
    }

    /// The buckets of both.
    pub fn intersection(&self, other: &Self) -> Self {
        let mut shared = Vec::new();
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let (start, end) = (a.start.max(b.start), a.end.min(b.end));
            if start <= end {
                shared.push(BucketRange { start, end });
            }
            if a.end < b.end {
                left.next()
            } else {
                right.next()
            };
        }
        Self(shared)
    }

    /// The buckets that are not in this set.
    pub fn complement(&self) -> Self {
        let mut others = Vec::with_capacity(self.0.len() + 1);
        let mut start = 0;
        for range in &self.0 {
            if start < range.start {
                others.push(BucketRange { start, end: range.start - 1 });
            }
            start = range.end + 1;
        }
        if start < BUCKETS {
            others.push(BucketRange { start, end: BUCKETS - 1 });
        }
        Self(others)
    }

    /// The buckets of this set that are not in the other.
    pub fn difference(&self, other: &Self) -> Self {
        self.intersection(&other.complement())
    }
}

/// Ranges in any order; they may overlap.
impl FromIterator<BucketRange> for BucketSet {
    fn from_iter<I: IntoIterator<Item = BucketRange>>(ranges: I) -> Self {
        let is_range = |range: &BucketRange| range.start <= range.end && range.start < BUCKETS;
        let mut ranges: Vec<BucketRange> = ranges.into_iter().filter(is_range).collect();
        ranges.sort_unstable_by_key(|range| range.start);
        let mut set: Vec<BucketRange> = Vec::with_capacity(ranges.len());
        for BucketRange { start, end } in ranges {
            let end = end.min(BUCKETS - 1);
            match set.last_mut() {
                Some(last) if start <= last.end + 1 => last.end = last.end.max(end),
                _ => set.push(BucketRange { start, end }),
            }
        }
        Self(set)
    }
}

impl FromIterator<u16> for BucketSet {
    fn from_iter<I: IntoIterator<Item = u16>>(buckets: I) -> Self {
        buckets.into_iter().map(|bucket| BucketRange { start: bucket, end: bucket }).collect()
    }
}
