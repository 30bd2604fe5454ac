//! Allocations: which buckets belong to which variant.

use serde::Serialize;
use uuid::Uuid;

/// The number of buckets.
pub const BUCKETS: u16 = 10_000;

/// An inclusive range of buckets that belongs to one variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Allocation {
    /// A variant of the same experiment.
    pub variant_id: Uuid,
    /// First bucket, 0 to 9999.
    pub range_start: u16,
    /// Last bucket, inclusive.
    pub range_end: u16,
}
