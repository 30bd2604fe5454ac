//! Overlap: how much of their traffic two running experiments share, and where it is none.
//!
//! What is told is about splits. Targeting counts where it proves that nobody can match both; otherwise
//! the shares are of all who are eligible for both. Overrides, delivery rules and sticky state pass by the
//! gates that keep experiments apart: an [`Overlap`] names those that could.

mod axes;
mod contradiction;

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;

use crate::snapshot::{Experiment, ExperimentId, Snapshot, Status, Tables};
use axes::{Region, Relation};

/// What can be said of the shared traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OverlapKind {
    /// Nobody can be in both by their splits: proven, for the reason that is given.
    Exclusive,
    /// One draw decides about both, and its buckets were counted.
    Exact,
    /// Draws by several salts decide, independent of each other under murmur3: the share is the product
    /// of theirs, exact as an expectation.
    Independent,
    /// The share is what it would be if draws were independent, which nothing guarantees: `fnv1a64` on both
    /// sides, or one salt on two attributes.
    NotGuaranteed,
}

/// Why nobody can be in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Exclusion {
    /// They hold disjoint ranges of one group.
    Group,
    /// They draw alike, and hold disjoint buckets.
    Buckets,
    /// Every rule of one contradicts every rule of the other.
    Targeting,
    /// One of them has no traffic of its own.
    NoTraffic,
}

/// The traffic that two experiments share.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overlap {
    /// The keys of both, in order.
    pub experiments: [String; 2],
    /// What can be said.
    pub kind: OverlapKind,
    /// Why it is none, if it is.
    pub reason: Option<Exclusion>,
    /// The share of all who are eligible for both, 0 to 1.
    pub share: f64,
    /// The same as a fraction in lowest terms; absent where that does not fit 64 bits.
    pub fraction: Option<Fraction>,
    /// What could put somebody into both all the same: `overrides`, `rules`, `sticky`.
    pub exceptions: Vec<&'static str>,
}

/// A fraction in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Fraction {
    /// Above the line.
    pub numerator: u64,
    /// Below it.
    pub denominator: u64,
}

/// The overlap of two experiments; none unless both are running and understood by this build.
pub fn overlap(snapshot: &Snapshot, a: ExperimentId, b: ExperimentId) -> Option<Overlap> {
    let tables = &snapshot.tables;
    let regions = [a, b].map(|id| running(tables, id).map(|row| (row, Region::new(tables, row))));
    let [Some((row_a, region_a)), Some((row_b, region_b))] = &regions else { return None };
    Some(of(tables, (row_a, region_a), (row_b, region_b)))
}

/// The overlap of every two running experiments, in key order. Their number grows with the square.
///
/// ```
/// # use lotwise_core::Snapshot;
/// let experiment = |key: &str, start: u16| format!(r#"{{"id":"i","key":"{key}","status":"RUNNING","salt":"{key}",
///     "hash":"murmur3","variants":[{{"id":"v","key":"on"}}],
///     "allocations":[{{"variant":"on","range_start":0,"range_end":9999}}],
///     "group":{{"key":"g","salt":"g","ranges":[{{"range_start":{start},"range_end":{}}}]}}}}"#, start + 4999);
/// let document = format!(r#"{{"schema_version":1,"environment":"prod","version":1,
///     "published_at":"2026-11-21T10:00:00Z","experiments":[{},{}]}}"#, experiment("a", 0), experiment("b", 5000));
/// let snapshot = Snapshot::load(document.as_bytes())?;
/// let overlaps: Vec<_> = lotwise_core::overlap::overlaps(&snapshot).collect();
/// assert_eq!(overlaps[0].reason, Some(lotwise_core::overlap::Exclusion::Group));
/// # Ok::<(), lotwise_core::Fault>(())
/// ```
pub fn overlaps(snapshot: &Snapshot) -> impl Iterator<Item = Overlap> {
    let tables = &snapshot.tables;
    let rows = snapshot.experiments().filter_map(|id| running(tables, id));
    let regions: Vec<_> = rows.map(|row| (row, Region::new(tables, row))).collect();
    let count = regions.len();
    let pairs = (0..count).flat_map(move |a| (a + 1..count).map(move |b| (a, b)));
    pairs.filter_map(move |(a, b)| {
        let ((row_a, region_a), (row_b, region_b)) = (regions.get(a)?, regions.get(b)?);
        Some(of(tables, (row_a, region_a), (row_b, region_b)))
    })
}

fn running(tables: &Tables, id: ExperimentId) -> Option<&Experiment> {
    tables.experiment(id.0).filter(|row| row.status == Status::Running && row.is_supported())
}

fn of(tables: &Tables, a: (&Experiment, &Region<'_>), b: (&Experiment, &Region<'_>)) -> Overlap {
    let Relation { mut reason, mut kind, share, fraction } = a.1.meets(b.1);
    if reason.is_none() && contradiction::never_both(tables, a.0.targeting, b.0.targeting) {
        reason = Some(Exclusion::Targeting);
    }
    if reason.is_some() {
        kind = OverlapKind::Exclusive;
    }
    let is_none = kind == OverlapKind::Exclusive;
    Overlap {
        experiments: [a.0, b.0].map(|row| tables.text(row.key).to_string()),
        kind,
        reason,
        share: if is_none { 0.0 } else { share },
        fraction: if is_none { Some(Fraction { numerator: 0, denominator: 1 }) } else { fraction },
        exceptions: exceptions(tables, [a.0, b.0]),
    }
}

fn exceptions(tables: &Tables, rows: [&Experiment; 2]) -> Vec<&'static str> {
    let any = |has: &dyn Fn(&Experiment) -> bool| rows.iter().any(|row| has(row));
    let mut exceptions = Vec::new();
    if any(&|row| !tables.extras(row).overrides.is_empty()) {
        exceptions.push("overrides");
    }
    if any(&|row| !tables.extras(row).deliveries.is_empty()) {
        exceptions.push("rules");
    }
    if any(&|row| row.sticky) {
        exceptions.push("sticky");
    }
    exceptions
}
