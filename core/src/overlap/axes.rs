//! Draws: each salt is an axis of its own, and an experiment's traffic a box along some of them.

use alloc::vec::Vec;

use super::{Exclusion, Fraction, OverlapKind};
use crate::bucketing::{BUCKETS, BucketSet, HashAlgorithm};
use crate::snapshot::{Experiment, Layer, Tables};
use crate::targeting::AttributeId;

/// A draw: who has the same bucketing key has the same bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Draw<'s> {
    hash: HashAlgorithm,
    by: AttributeId,
    salt: &'s str,
}

/// The buckets of a draw that are let pass.
#[derive(Debug)]
struct Axis<'s> {
    draw: Draw<'s>,
    /// Whether a group draws, rather than a split or a holdout.
    is_group: bool,
    passes: BucketSet,
}

/// The traffic of an experiment: what passes along every axis.
#[derive(Debug)]
pub(super) struct Region<'s> {
    /// Each draw once.
    axes: Vec<Axis<'s>>,
    is_empty: bool,
}

/// How two regions meet.
pub(super) struct Relation {
    pub(super) kind: OverlapKind,
    pub(super) reason: Option<Exclusion>,
    pub(super) share: f64,
    pub(super) fraction: Option<Fraction>,
}

impl<'s> Region<'s> {
    pub(super) fn new(tables: &'s Tables, row: &Experiment) -> Self {
        let mut region = Self { axes: Vec::new(), is_empty: row.bucketing.is_none() };
        if let Some(bucketing) = row.bucketing {
            let draw = Draw { hash: bucketing.hash, by: bucketing.by, salt: tables.text(bucketing.salt) };
            let allocations = row.allocations.of(&tables.allocations).iter();
            region.add(Axis { draw, is_group: false, passes: allocations.map(|it| it.range).collect() });
        }
        let extras = tables.extras(row);
        let draw = |layer: &Layer| Draw {
            hash: HashAlgorithm::Murmur3,
            by: layer.bucket_by,
            salt: tables.text(layer.salt),
        };
        let ranges =
            |layer: &Layer| layer.ranges.of(&tables.layer_ranges).iter().copied().collect::<BucketSet>();
        for layer in extras.holdouts.of(&tables.layers) {
            region.add(Axis { draw: draw(layer), is_group: false, passes: ranges(layer).complement() });
        }
        if let Some(layer) = extras.group.and_then(|group| tables.layers.get(group as usize)) {
            region.add(Axis { draw: draw(layer), is_group: true, passes: ranges(layer) });
        }
        region
    }

    /// Adds an axis; where it draws like another one, only what passes both does.
    fn add(&mut self, axis: Axis<'s>) {
        self.is_empty |= axis.passes.is_empty();
        match self.axes.iter_mut().find(|known| known.draw == axis.draw) {
            Some(known) => {
                known.passes = known.passes.intersection(&axis.passes);
                known.is_group |= axis.is_group;
                self.is_empty |= known.passes.is_empty();
            }
            None => self.axes.push(axis),
        }
    }

    /// The buckets that pass both, draw by draw. Draws that all pass decide nothing and are left out.
    pub(super) fn meets(&self, other: &Self) -> Relation {
        let mut reason = (self.is_empty || other.is_empty).then_some(Exclusion::NoTraffic);
        let mut draws: Vec<(Draw<'_>, u16)> = Vec::with_capacity(self.axes.len() + other.axes.len());
        for axis in &self.axes {
            let both = match other.axes.iter().find(|it| it.draw == axis.draw) {
                Some(theirs) => {
                    let both = axis.passes.intersection(&theirs.passes).len();
                    if both == 0 {
                        let is_group = axis.is_group && theirs.is_group;
                        reason =
                            reason.or(Some(if is_group { Exclusion::Group } else { Exclusion::Buckets }));
                    }
                    both
                }
                None => axis.passes.len(),
            };
            draws.push((axis.draw, both));
        }
        let theirs = other.axes.iter().filter(|it| self.axes.iter().all(|own| own.draw != it.draw));
        draws.extend(theirs.map(|it| (it.draw, it.passes.len())));
        draws.retain(|(_, passes)| *passes < BUCKETS);
        let kind = match draws.as_slice() {
            [] | [_] => OverlapKind::Exact,
            draws if is_independent(draws) => OverlapKind::Independent,
            _ => OverlapKind::NotGuaranteed,
        };
        let share = draws.iter().map(|(_, passes)| f64::from(*passes) / f64::from(BUCKETS)).product();
        Relation { kind, reason, share, fraction: product(&draws) }
    }
}

/// Different salts are under murmur3, and between the two hashes; one salt on two attributes is not, as
/// the attributes may be equal.
fn is_independent(draws: &[(Draw<'_>, u16)]) -> bool {
    let doubtful = |a: &Draw<'_>, b: &Draw<'_>| {
        a.hash == b.hash && (a.hash == HashAlgorithm::Fnv1a64 || a.salt == b.salt)
    };
    draws.iter().enumerate().all(|(at, (a, _))| draws.iter().skip(at + 1).all(|(b, _)| !doubtful(a, b)))
}

fn product(draws: &[(Draw<'_>, u16)]) -> Option<Fraction> {
    let mut fraction = Fraction { numerator: 1, denominator: 1 };
    for (_, passes) in draws {
        let numerator = fraction.numerator.checked_mul(u64::from(*passes))?;
        let denominator = fraction.denominator.checked_mul(u64::from(BUCKETS))?;
        let divisor = greatest_common_divisor(numerator, denominator);
        fraction = Fraction { numerator: numerator / divisor, denominator: denominator / divisor };
    }
    Some(fraction)
}

/// Of anything and something positive: positive.
fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}
