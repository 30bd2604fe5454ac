//! What stands between an eligible subject and a variant: steps 6 to 10.

use super::evaluation::Evaluation;
use super::observer::{Gate, Observer};
use super::scratch::Progress;
use super::{Decision, Reason};
use crate::bucketing::{HashAlgorithm, murmur3_bucket};
use crate::snapshot::{Bucketing, Experiment, ExperimentId, Extras, Layer, Prerequisite, Rows, Span, Status};
use crate::subject::MAX_USER_KEY_BYTES;
use crate::targeting::AttributeId;
use crate::value::Value;

impl<'a, O: Observer> Evaluation<'a, O> {
    /// Asks for the prerequisite in row `next` of an experiment that waits for it: begins the other
    /// experiment, moves on to the row behind, or fails.
    pub(super) fn ask_prerequisite(&mut self, experiment: u32, next: u32) {
        let Some(prerequisite) = self.tables.prerequisites.get(next as usize).copied() else { return };
        let given = match prerequisite.experiment.map(|other| (other, self.scratch.progress(other))) {
            Some((other, None)) => return self.start(other),
            Some((_, Some(Progress::Done(decision)))) => Some(decision),
            // Absent, or waiting itself for the experiment that asks.
            Some((_, Some(Progress::Begun))) | None => None,
        };
        let is_met = self.is_met(prerequisite, given);
        self.observer.gate(Gate::Prerequisite(self.tables.text(prerequisite.key), given), is_met);
        match self.scratch.waiting.last_mut() {
            Some(waiting) if is_met => waiting.1 += 1,
            _ => {
                self.scratch.waiting.pop();
                self.settle(experiment, (None, Reason::PrerequisiteFailed));
            }
        }
    }

    fn is_met(&self, prerequisite: Prerequisite, given: Option<Decision>) -> bool {
        let variant = given.and_then(|decision| decision.variant);
        variant.is_some_and(|variant| prerequisite.accepted.of(&self.tables.accepted).contains(&variant))
    }

    /// Steps 7 to 10.
    #[inline]
    pub(super) fn after_prerequisites(&mut self, index: u32, row: &'a Experiment) -> (Option<u16>, Reason) {
        if row.extras != 0
            && let Some(reason) = self.excluded_by(index, self.tables.extras(row))
        {
            return (None, reason);
        }
        match self.bucket_of(row) {
            None => (None, Reason::NoBucketingKey),
            Some(bucket) => match self.allocated(row.allocations, bucket) {
                Some(variant) => (Some(variant), Reason::Split),
                None => (None, Reason::NotInTraffic),
            },
        }
    }

    /// Steps 7 and 8.
    #[inline(never)]
    fn excluded_by(&mut self, index: u32, extras: &Extras) -> Option<Reason> {
        for holdout in extras.holdouts.of(&self.tables.layers) {
            let bucket = self.layer_bucket(*holdout);
            let is_held_out = bucket.is_some_and(|bucket| self.is_within(holdout.ranges, bucket));
            self.observer.gate(Gate::Holdout(self.tables.text(holdout.key), bucket), !is_held_out);
            if is_held_out {
                return Some(Reason::Holdout);
            }
        }
        let group = extras.group?;
        (!self.group_admits(index, group)).then_some(Reason::ExcludedByGroup)
    }

    fn group_admits(&mut self, index: u32, group: u32) -> bool {
        let Some(group) = self.tables.layers.get(group as usize).copied() else { return false };
        let key = self.tables.text(group.key);
        if let Some(sibling) = self.sticky_sibling(index, key) {
            self.observer.gate(Gate::Sibling(key, sibling), false);
            return false;
        }
        let bucket = self.layer_bucket(group);
        let admits = bucket.is_some_and(|bucket| self.is_within(group.ranges, bucket));
        self.observer.gate(Gate::Group(key, bucket), admits);
        admits
    }

    /// Another running experiment of the group that the subject is in already.
    fn sticky_sibling(&self, index: u32, group: &str) -> Option<ExperimentId> {
        let is_sibling = |other: u32| {
            let row =
                self.tables.experiment(other).filter(|row| other != index && row.status == Status::Running);
            let place = row.and_then(|row| self.tables.extras(row).group);
            let layer = place.and_then(|place| self.tables.layers.get(place as usize));
            layer.is_some_and(|layer| self.tables.text(layer.key) == group)
        };
        let (sibling, _) = self.scratch.sticky.iter().find(|(other, _)| is_sibling(*other))?;
        Some(ExperimentId(*sibling))
    }

    /// The experiment's own bucket, whatever its decision; `None` without a bucketing key, or where
    /// an unsupported experiment does not say how it buckets.
    pub fn bucket(&mut self, experiment: ExperimentId) -> Option<u16> {
        self.tables.experiment(experiment.0).and_then(|row| self.bucket_of(row))
    }

    #[inline]
    pub(super) fn bucket_of(&mut self, row: &Experiment) -> Option<u16> {
        let Bucketing { hash, by, salt } = row.bucketing?;
        self.bucket_by(hash, by, salt)
    }

    /// The bucket in a group or a holdout.
    pub(crate) fn layer_bucket(&mut self, layer: Layer) -> Option<u16> {
        self.bucket_by(HashAlgorithm::Murmur3, layer.bucket_by, layer.salt)
    }

    #[inline]
    fn bucket_by(&mut self, hash: HashAlgorithm, by: AttributeId, salt: Span) -> Option<u16> {
        if by == AttributeId::USER_KEY && hash == HashAlgorithm::Murmur3 {
            return Some(murmur3_bucket(self.user_key_hash, self.tables.bytes(salt)));
        }
        self.bucket_by_attribute(hash, by, salt)
    }

    #[inline(never)]
    fn bucket_by_attribute(&mut self, hash: HashAlgorithm, by: AttributeId, salt: Span) -> Option<u16> {
        let salt = self.tables.text(salt);
        match self.slots.get(by, self.tables, self.subject)?.value {
            Value::String(key) if (1..=MAX_USER_KEY_BYTES).contains(&key.len()) => {
                Some(hash.bucket(key, salt))
            }
            Value::Number(number) => {
                let mut digits = [0; 20];
                decimal(*number, &mut digits).map(|key| hash.bucket(key, salt))
            }
            _ => None,
        }
    }

    /// The variant that owns the bucket.
    #[inline]
    pub(super) fn allocated(&self, allocations: Rows, bucket: u16) -> Option<u16> {
        let rows = allocations.of(&self.tables.allocations);
        if rows.len() > 8 {
            let behind = rows.partition_point(|row| row.range.start <= bucket);
            return rows
                .get(behind.checked_sub(1)?)
                .filter(|row| row.range.contains(bucket))
                .map(|row| row.variant);
        }
        // Which range holds a bucket is a coin toss to the processor: looking at all of the few,
        // without a branch, beats guessing.
        let mut owner = u32::MAX;
        for row in rows {
            owner = if row.range.contains(bucket) { u32::from(row.variant) } else { owner };
        }
        u16::try_from(owner).ok()
    }

    fn is_within(&self, ranges: Rows, bucket: u16) -> bool {
        ranges.of(&self.tables.layer_ranges).iter().any(|range| range.contains(bucket))
    }
}

/// The decimal digits of an integer that a double holds exactly; `-0` is `0`.
#[expect(clippy::float_cmp, reason = "exact equality is the question")]
fn decimal(number: f64, digits: &mut [u8; 20]) -> Option<&str> {
    const LIMIT: i64 = 1 << 53;
    // Casting saturates, so only true integers within range come back unchanged.
    let integer = number as i64;
    if integer as f64 != number || integer <= -LIMIT || integer >= LIMIT {
        return None;
    }
    let mut rest = integer.unsigned_abs();
    let mut length = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        length += 1;
        if rest == 0 {
            break;
        }
    }
    if integer < 0 {
        length += 1;
        *digits.iter_mut().rev().nth(length - 1)? = b'-';
    }
    core::str::from_utf8(digits.get(digits.len() - length..)?).ok()
}
