//! Ranges of buckets, and sets of them.

use lotwise_core::bucketing::{BucketRange, BucketSet};
use lotwise_core::document::RangeDocument;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::allocation::BUCKETS;

/// An inclusive range of buckets, 0 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Range {
    /// First bucket.
    #[schema(minimum = 0, maximum = 9999)]
    pub range_start: u16,
    /// Last bucket, inclusive.
    #[schema(minimum = 0, maximum = 9999)]
    pub range_end: u16,
}

impl Range {
    /// Every bucket.
    pub const ALL: Self = Self { range_start: 0, range_end: BUCKETS - 1 };

    /// How many buckets it has.
    pub fn buckets(self) -> u16 {
        (self.range_end + 1).saturating_sub(self.range_start)
    }

    /// Whether some bucket is in both.
    pub fn overlaps(self, other: Self) -> bool {
        self.range_start <= other.range_end && other.range_start <= self.range_end
    }

    /// The range as the core has it.
    pub fn to_core(self) -> BucketRange {
        BucketRange { start: self.range_start, end: self.range_end }
    }

    /// The range as it is published.
    pub fn to_document(self) -> RangeDocument {
        RangeDocument { range_start: self.range_start, range_end: self.range_end }
    }
}

impl From<BucketRange> for Range {
    fn from(range: BucketRange) -> Self {
        Self { range_start: range.start, range_end: range.end }
    }
}

/// How many buckets ranges have that do not overlap.
pub fn buckets(ranges: &[Range]) -> u16 {
    ranges.iter().map(|range| range.buckets()).sum()
}

/// The same buckets in ascending ranges, as few as there can be.
pub fn joined(ranges: &[Range]) -> Vec<Range> {
    from_set(&to_set(ranges))
}

/// The buckets that none of the ranges has.
pub fn free(taken: &[Range]) -> Vec<Range> {
    from_set(&to_set(taken).complement())
}

fn to_set(ranges: &[Range]) -> BucketSet {
    ranges.iter().map(|range| range.to_core()).collect()
}

fn from_set(set: &BucketSet) -> Vec<Range> {
    set.ranges().iter().copied().map(Range::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(range_start: u16, range_end: u16) -> Range {
        Range { range_start, range_end }
    }

    #[test]
    fn ranges_join_and_leave_the_rest_free() {
        let ranges = vec![range(5, 9), range(0, 4), range(20, 29), range(25, 26)];
        assert_eq!(joined(&ranges), [range(0, 9), range(20, 29)]);
        assert_eq!(free(&ranges), [range(10, 19), range(30, 9999)]);
        assert_eq!(free(&[]), [Range::ALL]);
        assert_eq!(free(&[Range::ALL]), []);
        assert_eq!(buckets(&free(&ranges)), 9980);
    }
}
