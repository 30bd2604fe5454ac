//! Planning the allocation of an experiment.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use super::arc::Arc;
use super::{Move, Plan, PlanError};
use crate::bucketing::{BUCKETS, BucketRange, BucketSet, ranges_from_weights};

/// New ranges for an experiment's variants.
///
/// `today` holds the ranges of each variant, `weights` what it is to have, by the same index; whichever
/// list is shorter is filled up: a variant without a weight is gone or empty, one without ranges is new.
/// `traffic_share` is in units of 0.0001. How many buckets each is to have is what
/// [`ranges_from_weights`] gives; where nothing is allocated, so are the ranges.
///
/// What holds of every plan:
///
/// - Each variant keeps as many buckets as it can: the smaller of what it has and what it is to have.
///   Nobody leaves a variant whose share has room for them, so no plan takes fewer users out of theirs.
/// - A bucket goes from one variant to another only when no bucket outside the traffic is left to take.
/// - Where no variant is to have less than it has, buckets are only added.
/// - Of the choices that remain, one is made so that going down and up again with the same weights
///   brings back the same buckets, as far as what is left in between tells which they were. It always
///   does from ranges that [`ranges_from_weights`] gave.
///
/// # Errors
///
/// Weights that [`ranges_from_weights`] refuses; ranges of today's that are no ranges, or overlap.
///
/// ```
/// use lotwise_core::bucketing::BucketRange;
/// use lotwise_core::plan::{Move, plan};
///
/// let halves = [vec![BucketRange { start: 0, end: 4999 }], vec![BucketRange { start: 5000, end: 9999 }]];
/// let plan = plan(&halves, &[30, 70], 10_000)?;
/// assert_eq!(plan.moves, [Move { from: Some(0), to: Some(1), buckets: 2000 }]);
/// assert_eq!(plan.ranges[1], [BucketRange { start: 3000, end: 9999 }]);
/// # Ok::<(), lotwise_core::plan::PlanError>(())
/// ```
pub fn plan(today: &[Vec<BucketRange>], weights: &[u32], traffic_share: u16) -> Result<Plan, PlanError> {
    let homes = ranges_from_weights(weights, BUCKETS).map_err(PlanError::Weights)?;
    let wanted = ranges_from_weights(weights, traffic_share).map_err(PlanError::Weights)?;
    let before = owners(today)?;
    let count = today.len().max(weights.len());
    let mut has = vec![0_u16; count];
    for owner in before.iter().flatten() {
        if let Some(count) = has.get_mut(*owner) {
            *count += 1;
        }
    }
    let variants: Vec<Variant> = (has.into_iter().enumerate())
        .map(|(index, has)| Variant {
            index,
            has,
            wants: wanted.get(index).copied().flatten().map_or(0, length),
            home: homes.get(index).copied().flatten(),
        })
        .collect();
    let mut planning = Planning { after: before.clone(), before };
    let is_ramp = is_ramp(&variants);
    planning.release(&variants, is_ramp);
    planning.take(&variants, is_ramp);
    Ok(planning.finish(count))
}

/// The owner of each bucket by index.
type Owners = Vec<Option<usize>>;

/// A variant, what it has and what it is to have.
struct Variant {
    index: usize,
    has: u16,
    wants: u16,
    /// What it would have with full traffic, had nothing been allocated before.
    home: Option<BucketRange>,
}

struct Planning {
    before: Owners,
    after: Owners,
}

impl Planning {
    /// Takes from every variant what it has too much of.
    fn release(&mut self, variants: &[Variant], is_ramp: bool) {
        let mut abroad: Vec<Vec<u16>> = vec![Vec::new(); variants.len()];
        for (bucket, owner) in (0..).zip(&self.before) {
            let Some(variant) = owner.and_then(|owner| variants.get(owner)) else { continue };
            if !variant.home.is_some_and(|home| home.contains(bucket))
                && let Some(buckets) = abroad.get_mut(variant.index)
            {
                buckets.push(bucket);
            }
        }
        for (variant, abroad) in variants.iter().zip(abroad) {
            let surplus = variant.has.saturating_sub(variant.wants);
            if surplus == 0 {
                continue;
            }
            let home = self.arc(variant, false).held.into_iter().rev();
            let abroad = abroad.into_iter().rev();
            // With other weights everybody draws nearer home. With the same ones what is held abroad
            // goes last, as it could not be told again where it was.
            let order: Vec<u16> =
                if is_ramp { home.chain(abroad).collect() } else { abroad.chain(home).collect() };
            for bucket in order.into_iter().take(usize::from(surplus)) {
                self.give(bucket, None);
            }
        }
    }

    /// Gives every variant what it lacks: at home before abroad, and what was in no traffic before
    /// what another variant gave up.
    fn take(&mut self, variants: &[Variant], is_ramp: bool) {
        let mut lacks: Vec<u16> = variants.iter().map(|it| it.wants.saturating_sub(it.has)).collect();
        for from_others in [false, true] {
            for (variant, lacks) in variants.iter().zip(&mut lacks).filter(|(_, lacks)| **lacks > 0) {
                let Arc { behind, within, .. } = self.arc(variant, from_others);
                let (first, then) = if is_ramp { (behind, within) } else { (within, behind) };
                for bucket in first.into_iter().chain(then).take(usize::from(*lacks)) {
                    self.give(bucket, Some(variant.index));
                    *lacks -= 1;
                }
            }
            let mut abroad = (0..BUCKETS)
                .filter(|bucket| self.is_open(*bucket, from_others))
                .collect::<Vec<_>>()
                .into_iter();
            for (variant, lacks) in variants.iter().zip(&mut lacks) {
                for bucket in abroad.by_ref().take(usize::from(*lacks)) {
                    self.give(bucket, Some(variant.index));
                    *lacks -= 1;
                }
            }
        }
    }

    fn arc(&self, variant: &Variant, from_others: bool) -> Arc {
        let is_held = |bucket: u16| self.owner(bucket) == Some(variant.index);
        let home = variant.home.into_iter().flat_map(|home| home.start..=home.end);
        let circle = home.filter(|bucket| is_held(*bucket) || self.is_open(*bucket, from_others));
        Arc::new(circle.map(|bucket| (bucket, is_held(bucket))).collect())
    }

    fn owner(&self, bucket: u16) -> Option<usize> {
        self.after.get(usize::from(bucket)).copied().flatten()
    }

    /// Whether nobody has the bucket, nor, unless it may be from others, had it.
    fn is_open(&self, bucket: u16, from_others: bool) -> bool {
        let was_open = || self.before.get(usize::from(bucket)) == Some(&None);
        self.owner(bucket).is_none() && (from_others || was_open())
    }

    fn give(&mut self, bucket: u16, owner: Option<usize>) {
        if let Some(place) = self.after.get_mut(usize::from(bucket)) {
            *place = owner;
        }
    }

    fn finish(self, count: usize) -> Plan {
        let mut buckets: Vec<Vec<u16>> = vec![Vec::new(); count];
        let mut moves: BTreeMap<(Option<usize>, Option<usize>), u16> = BTreeMap::new();
        let mut stay = 0;
        for (bucket, (from, to)) in (0..).zip(self.before.iter().zip(&self.after)) {
            if let Some(buckets) = to.and_then(|to| buckets.get_mut(to)) {
                buckets.push(bucket);
            }
            match from == to {
                true => stay += u16::from(to.is_some()),
                false => *moves.entry((*from, *to)).or_default() += 1,
            }
        }
        let ranges = |buckets: Vec<u16>| buckets.into_iter().collect::<BucketSet>().into_ranges();
        let counted = |((from, to), buckets)| Move { from, to, buckets };
        Plan {
            ranges: buckets.into_iter().map(ranges).collect(),
            moves: moves.into_iter().map(counted).collect(),
            stay,
        }
    }
}

fn owners(today: &[Vec<BucketRange>]) -> Result<Owners, PlanError> {
    let mut owners: Owners = vec![None; usize::from(BUCKETS)];
    for (variant, ranges) in today.iter().enumerate() {
        for range in ranges {
            let places = owners.get_mut(usize::from(range.start)..=usize::from(range.end));
            let places = places.filter(|places| !places.is_empty()).ok_or(PlanError::Range(*range))?;
            for (bucket, owner) in (range.start..).zip(places) {
                if owner.replace(variant).is_some() {
                    return Err(PlanError::Overlap(bucket));
                }
            }
        }
    }
    Ok(owners)
}

fn length(range: BucketRange) -> u16 {
    range.end - range.start + 1
}

/// Whether today's allocation is one of the same weights with some traffic share: the shares that
/// give a variant `has` buckets of a home of `length` are those in
/// `(has - 1) * 10000 / length < share <= has * 10000 / length`.
fn is_ramp(variants: &[Variant]) -> bool {
    let buckets = u32::from(BUCKETS);
    let (mut least, mut most) = (0, buckets);
    for variant in variants {
        let has = u32::from(variant.has);
        match variant.home.map(|home| u32::from(length(home))) {
            Some(length) => {
                least = least.max(has.checked_sub(1).map_or(0, |fewer| fewer * buckets / length + 1));
                most = most.min(has * buckets / length);
            }
            None if has > 0 => return false,
            None => {}
        }
    }
    least <= most
}
