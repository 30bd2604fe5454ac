//! Planning: from what is allocated today and what is wanted to new ranges that move the fewest
//! buckets. Pure functions of their arguments.
//!
//! [`plan`] is for the variants of an experiment, [`claim`] for the slices of a group.

mod arc;
mod slices;
mod variants;

use alloc::vec::Vec;
use core::fmt;

use serde::Serialize;

use crate::bucketing::{BucketRange, WeightsError};

pub use slices::{SliceError, claim};
pub use variants::plan;

/// New ranges, and what it takes to get there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Per variant, in the order of the arguments: its ranges, in order, none touching the next. Empty
    /// for one that owns nothing. As long as the longer of the two arguments.
    pub ranges: Vec<Vec<BucketRange>>,
    /// Every bucket that changes hands, counted by where from and where to; ordered, no counts of 0.
    pub moves: Vec<Move>,
    /// How many buckets stay with their variant.
    pub stay: u16,
}

/// Buckets that change hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Move {
    /// The variant that gives them up, by its index; `None`: they were not in traffic.
    pub from: Option<usize>,
    /// The variant that gets them, by its index; `None`: they leave the traffic.
    pub to: Option<usize>,
    /// How many, of 10,000.
    pub buckets: u16,
}

impl Plan {
    /// How many buckets come into the traffic.
    pub fn entering(&self) -> u16 {
        self.sum(|it| it.from.is_none())
    }

    /// How many buckets leave the traffic.
    pub fn leaving(&self) -> u16 {
        self.sum(|it| it.to.is_none())
    }

    /// How many buckets go from one variant to another.
    pub fn switching(&self) -> u16 {
        self.sum(|it| it.from.is_some() && it.to.is_some())
    }

    fn sum(&self, counts: impl Fn(&Move) -> bool) -> u16 {
        // Every bucket is counted at most once.
        self.moves.iter().filter(|it| counts(it)).map(|it| it.buckets).sum()
    }
}

/// Why there is no plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// The weights or the traffic share cannot be turned into ranges.
    Weights(WeightsError),
    /// A range of today's is reversed or outside 0 to 9999.
    Range(BucketRange),
    /// Today's ranges overlap in this bucket.
    Overlap(u16),
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weights(error) => error.fmt(f),
            Self::Range(BucketRange { start, end }) => {
                write!(f, "the range {start} to {end} does not lie, first bucket first, within 0 to 9999")
            }
            Self::Overlap(bucket) => write!(f, "bucket {bucket} is allocated twice"),
        }
    }
}

impl core::error::Error for PlanError {}
