//! Which buckets of an experiment come, go and change hands.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;

use crate::bucketing::{BUCKETS, BucketRange};
use crate::snapshot::{Experiment, Status, Tables};

/// The 10,000 buckets of an experiment, by what becomes of them. A bucket in no variant before and
/// after is in none of the counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BucketsDiff {
    /// Buckets that stay with their variant.
    pub stay: u16,
    /// Buckets that come into the traffic.
    pub entering: u16,
    /// Buckets that leave the traffic.
    pub leaving: u16,
    /// Buckets that go from one variant to another.
    pub switching: u16,
    /// All that do not stay, by where from and where to; ordered, no counts of 0.
    pub moves: Vec<BucketMove>,
}

/// Buckets that change hands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BucketMove {
    /// A variant key; none: they were not in traffic.
    pub from: Option<String>,
    /// A variant key; none: they leave the traffic.
    pub to: Option<String>,
    /// How many, of 10,000.
    pub buckets: u16,
}

/// The variant of every bucket as a reader sees it: ranges in order, a key each.
pub(super) type Traffic<'s> = Vec<(BucketRange, &'s str)>;

/// Who gets what by bucket alone: nobody of what this reader does not understand, everybody the winner
/// of what is over.
pub(super) fn traffic<'s>(tables: &'s Tables, row: &Experiment) -> Traffic<'s> {
    if !row.is_supported() {
        return Vec::new();
    }
    let key = |variant| tables.variant(row, variant).map_or("", |variant| tables.text(variant.key));
    match (row.status, tables.extras(row).winner) {
        (Status::Concluded, Some(winner)) => {
            alloc::vec![(BucketRange { start: 0, end: BUCKETS - 1 }, key(winner))]
        }
        (Status::Running, _) => {
            let rows = row.allocations.of(&tables.allocations).iter();
            rows.map(|it| (it.range, key(it.variant))).collect()
        }
        _ => Vec::new(),
    }
}

impl BucketsDiff {
    /// Compares bucket by bucket, or rather boundary by boundary.
    pub(super) fn new(before: &[(BucketRange, &str)], after: &[(BucketRange, &str)]) -> Self {
        let mut counts: BTreeMap<(Option<&str>, Option<&str>), u16> = BTreeMap::new();
        let (mut left, mut right) = (before, after);
        let mut at = 0;
        while at < BUCKETS {
            let (from, from_end) = piece(&mut left, at);
            let (to, to_end) = piece(&mut right, at);
            let next = from_end.min(to_end);
            *counts.entry((from, to)).or_default() += next - at;
            at = next;
        }
        Self::counted(counts)
    }

    /// Compares what cannot be told bucket by bucket, as every user is drawn again: all go, all come.
    pub(super) fn redrawn(before: &[(BucketRange, &str)], after: &[(BucketRange, &str)]) -> Self {
        let mut counts: BTreeMap<(Option<&str>, Option<&str>), u16> = BTreeMap::new();
        let length = |range: &BucketRange| range.end - range.start + 1;
        for (range, key) in before {
            *counts.entry((Some(key), None)).or_default() += length(range);
        }
        for (range, key) in after {
            *counts.entry((None, Some(key))).or_default() += length(range);
        }
        Self::counted(counts)
    }

    fn counted(counts: BTreeMap<(Option<&str>, Option<&str>), u16>) -> Self {
        let mut diff = Self::default();
        for ((from, to), buckets) in counts {
            match (from, to) {
                (None, None) => continue,
                (Some(from), Some(to)) if from == to => {
                    diff.stay += buckets;
                    continue;
                }
                (Some(_), Some(_)) => diff.switching += buckets,
                (None, Some(_)) => diff.entering += buckets,
                (Some(_), None) => diff.leaving += buckets,
            }
            let [from, to] = [from, to].map(|key| key.map(ToString::to_string));
            diff.moves.push(BucketMove { from, to, buckets });
        }
        diff
    }
}

/// The owner of bucket `at` and where its piece ends. Ranges behind are dropped.
fn piece<'s>(traffic: &mut &[(BucketRange, &'s str)], at: u16) -> (Option<&'s str>, u16) {
    while let [(range, _), rest @ ..] = *traffic
        && range.end < at
    {
        *traffic = rest;
    }
    match traffic.first() {
        Some((range, key)) if range.start <= at => (Some(key), range.end + 1),
        Some((range, _)) => (None, range.start),
        None => (None, BUCKETS),
    }
}
