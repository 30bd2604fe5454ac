//! One subject against one snapshot.

use super::observer::{Observer, Silent};
use super::scratch::{Progress, Scratch};
use super::slots::Slots;
use super::{Decision, Reason};
use crate::bucketing::Murmur3;
use crate::snapshot::{Experiment, ExperimentId, Outcome, Rows, Snapshot, Status, Tables};
use crate::sticky::Sticky;
use crate::subject::Subject;
use crate::targeting::Test;

/// Decides experiments for one subject. Each attribute is resolved and each distinct condition is
/// asked at most once, however many experiments share them.
pub struct Evaluation<'a, O: Observer = Silent> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) tables: &'a Tables,
    pub(super) subject: &'a Subject<'a>,
    /// Has absorbed the user key; every murmur3 bucket continues from here.
    pub(super) user_key_hash: Murmur3,
    pub(super) slots: Slots<'a>,
    pub(super) scratch: &'a mut Scratch,
    pub(super) observer: O,
}

impl<'a> Evaluation<'a> {
    /// Starts on a subject, unobserved.
    pub fn new(snapshot: &'a Snapshot, subject: &'a Subject<'a>, scratch: &'a mut Scratch) -> Self {
        Self::observed(snapshot, subject, scratch, Silent)
    }
}

impl<'a, O: Observer> Evaluation<'a, O> {
    /// Starts on a subject with somebody watching.
    pub fn observed(
        snapshot: &'a Snapshot,
        subject: &'a Subject<'a>,
        scratch: &'a mut Scratch,
        observer: O,
    ) -> Self {
        let tables = &snapshot.tables;
        let remembered = if tables.prerequisites.is_empty() { 0 } else { tables.experiments.len() };
        scratch.begin(tables.conditions.len(), remembered);
        for (experiment, variant) in subject.sticky().into_iter().flat_map(Sticky::iter) {
            let Some(ExperimentId(index)) = snapshot.experiment(experiment) else { continue };
            let Some(row) = tables.experiment(index) else { continue };
            // Sticky state is ordered by experiment key, and so are experiments: this stays sorted.
            scratch
                .sticky
                .extend(tables.variant_index(row.variants, variant).map(|variant| (index, variant)));
        }
        let user_key_hash = Murmur3::new().absorb(subject.user_key().as_bytes());
        Self { snapshot, tables, subject, user_key_hash, slots: Slots::new(), scratch, observer }
    }

    /// The snapshot.
    pub fn snapshot(&self) -> &'a Snapshot {
        self.snapshot
    }

    /// Gives the observer back.
    pub fn into_observer(self) -> O {
        self.observer
    }

    /// Decides one experiment. An id of another snapshot is unsupported.
    #[inline]
    pub fn decide(&mut self, experiment: ExperimentId) -> Decision {
        let index = experiment.0;
        if !self.tables.prerequisites.is_empty() {
            return self.decide_with_prerequisites(index);
        }
        let Some(row) = self.tables.experiment(index) else {
            return Decision { experiment, variant: None, reason: Reason::Unsupported };
        };
        self.observer.begin(experiment);
        let (variant, reason) = match self.before_prerequisites(index, row) {
            Some(settled) => settled,
            None => self.after_prerequisites(index, row),
        };
        let decision = Decision { experiment, variant, reason };
        self.observer.end(decision);
        decision
    }

    /// Decides an experiment and, first, those it depends on, once each. Chains may be long, so the
    /// waiting ones stand on a stack of our own.
    #[inline(never)]
    fn decide_with_prerequisites(&mut self, root: u32) -> Decision {
        if self.scratch.progress(root).is_none() {
            self.start(root);
        }
        while let Some((experiment, next)) = self.scratch.waiting.last().copied() {
            let Some(row) = self.tables.experiment(experiment) else { break };
            if next >= self.tables.extras(row).prerequisites.end {
                self.scratch.waiting.pop();
                let settled = self.after_prerequisites(experiment, row);
                self.settle(experiment, settled);
            } else {
                self.ask_prerequisite(experiment, next);
            }
        }
        match self.scratch.progress(root) {
            Some(Progress::Done(decision)) => decision,
            _ => Decision { experiment: ExperimentId(root), variant: None, reason: Reason::Unsupported },
        }
    }

    /// Begins an experiment; it either settles at once or waits for its first prerequisite.
    pub(super) fn start(&mut self, experiment: u32) {
        let Some(row) = self.tables.experiment(experiment) else { return };
        self.observer.begin(ExperimentId(experiment));
        match self.before_prerequisites(experiment, row) {
            Some(settled) => self.settle(experiment, settled),
            None => {
                self.scratch.remember_progress(experiment, Progress::Begun);
                self.scratch.waiting.push((experiment, self.tables.extras(row).prerequisites.start));
            }
        }
    }

    pub(super) fn settle(&mut self, experiment: u32, (variant, reason): (Option<u16>, Reason)) {
        let decision = Decision { experiment: ExperimentId(experiment), variant, reason };
        self.scratch.remember_progress(experiment, Progress::Done(decision));
        self.observer.end(decision);
    }

    /// Steps 0 to 5: what settles a decision before other experiments matter.
    #[inline]
    fn before_prerequisites(&mut self, index: u32, row: &'a Experiment) -> Option<(Option<u16>, Reason)> {
        if !row.is_supported() {
            return Some((None, Reason::Unsupported));
        }
        if row.extras != 0
            && let Some(settled) = self.by_extras(row)
        {
            return Some(settled);
        }
        if !self.scratch.sticky.is_empty()
            && let Some(variant) = self.sticky_variant(index)
        {
            return Some((Some(variant), Reason::Sticky));
        }
        match self.targeting_matches(row.targeting) {
            true => None,
            false => Some((None, Reason::TargetingMismatch)),
        }
    }

    /// Steps 1 to 3. Kept out of the way of experiments that have none of it.
    #[inline(never)]
    fn by_extras(&mut self, row: &'a Experiment) -> Option<(Option<u16>, Reason)> {
        let extras = self.tables.extras(row);
        if row.status == Status::Concluded {
            return Some(match self.targeting_matches(row.targeting) {
                true => (extras.winner, Reason::Concluded),
                false => (None, Reason::TargetingMismatch),
            });
        }
        if let Some(variant) = self.override_of(extras.overrides) {
            return Some((Some(variant), Reason::Override));
        }
        let delivered = self.delivery(row, extras.deliveries);
        delivered.map(|variant| (Some(variant), Reason::Rule))
    }

    fn override_of(&self, overrides: Rows) -> Option<u16> {
        let rows = overrides.of(&self.tables.overrides);
        let user_key = self.subject.user_key();
        let found = rows.binary_search_by(|row| self.tables.text(row.user_key).cmp(user_key)).ok()?;
        rows.get(found).map(|row| row.variant)
    }

    /// The variant of the first delivery rule that matches and has one for this subject.
    fn delivery(&mut self, row: &Experiment, deliveries: Rows) -> Option<u16> {
        let mut delivered = None;
        for (position, delivery) in deliveries.of(&self.tables.deliveries).iter().enumerate() {
            self.observer.delivery(position);
            let matches = self.rule_matches(delivery.conditions);
            if matches && delivered.is_none() {
                delivered = match delivery.outcome {
                    Outcome::Variant(variant) => Some(variant),
                    Outcome::Split(allocations) => {
                        self.bucket_of(row).and_then(|bucket| self.allocated(allocations, bucket))
                    }
                };
            }
            if delivered.is_some() && !O::EXHAUSTIVE {
                break;
            }
        }
        delivered
    }

    fn sticky_variant(&self, index: u32) -> Option<u16> {
        let found = self.scratch.sticky.binary_search_by_key(&index, |(experiment, _)| *experiment).ok()?;
        self.scratch.sticky.get(found).map(|(_, variant)| *variant)
    }

    /// Rules with OR between them; none of them: everyone.
    #[inline]
    fn targeting_matches(&mut self, rules: Rows) -> bool {
        rules.is_empty() || self.any_rule_matches(rules)
    }

    fn any_rule_matches(&mut self, rules: Rows) -> bool {
        let mut any = false;
        for (position, conditions) in rules.of(&self.tables.rules).iter().enumerate() {
            self.observer.targeting(position);
            any |= self.rule_matches(*conditions);
            if any && !O::EXHAUSTIVE {
                break;
            }
        }
        any
    }

    /// Conditions with AND between them; none of them: everyone.
    #[inline]
    fn rule_matches(&mut self, conditions: Rows) -> bool {
        let mut all = true;
        for (position, condition) in conditions.of(&self.tables.rule_conditions).iter().enumerate() {
            let outcome = match self.scratch.outcome(*condition) {
                Some(outcome) => outcome,
                None => self.ask(*condition),
            };
            self.observer.condition(position, outcome);
            all &= outcome;
            if !all && !O::EXHAUSTIVE {
                break;
            }
        }
        self.observer.rule(all);
        all
    }

    /// Asks a condition and remembers the outcome.
    #[inline(never)]
    fn ask(&mut self, index: u32) -> bool {
        let Some(condition) = self.tables.conditions.get(index as usize) else { return false };
        let outcome = match &condition.test {
            Test::Segment(segment) => self.is_in_segment(*segment),
            test => self.slots.get(condition.attribute, self.tables, self.subject).is_some_and(|attribute| {
                test.passes(attribute, &self.tables.symbols, &mut self.scratch.buffer)
            }),
        };
        let outcome = outcome != condition.negated;
        self.scratch.remember_outcome(index, outcome);
        outcome
    }

    /// A segment's rules have OR between them as well, but none of them: nobody. Nesting is bounded
    /// when the snapshot is loaded, and so is this recursion.
    fn is_in_segment(&mut self, segment: u32) -> bool {
        let Some(row) = self.tables.segments.get(segment as usize) else { return false };
        self.observer.enter_segment(self.tables.text(row.name));
        let is_in = self.any_rule_matches(row.rules);
        self.observer.leave_segment(is_in);
        is_in
    }

    /// Whether the subject is in a segment, by its index; not in one that the snapshot does not have.
    #[cfg(feature = "preview")]
    pub(crate) fn segment(&mut self, segment: u32) -> bool {
        self.is_in_segment(segment)
    }
}
