//! Who watches a decision being made. The silent observer vanishes at compile time.

use super::Decision;
use crate::snapshot::ExperimentId;

/// A gate between eligibility and the split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate<'s> {
    /// A prerequisite: the other experiment's key and what it gave, `None` when the snapshot does
    /// not hold it or it waits for this very decision.
    Prerequisite(&'s str, Option<Decision>),
    /// A holdout: its key and the subject's bucket in it, if there is one.
    Holdout(&'s str, Option<u16>),
    /// The group: its key and the subject's bucket in it, if there is one.
    Group(&'s str, Option<u16>),
    /// The group, entered already through another of its experiments.
    Sibling(&'s str, ExperimentId),
}

/// Follows an evaluation step by step.
pub trait Observer {
    /// Whether to go on asking conditions whose rule, or rules whose list, is settled already. That
    /// never changes a decision.
    const EXHAUSTIVE: bool;

    /// An experiment's decision begins. Prerequisites begin, and end, inside their dependant's.
    fn begin(&mut self, _experiment: ExperimentId) {}

    /// A delivery rule is asked: its position.
    fn delivery(&mut self, _rule: usize) {}

    /// A targeting rule is asked: its position.
    fn targeting(&mut self, _rule: usize) {}

    /// A condition of the rule was asked: its position and outcome.
    fn condition(&mut self, _condition: usize, _outcome: bool) {}

    /// The rule matched or did not. A delivery may match and still pass on, for want of a bucket.
    fn rule(&mut self, _matches: bool) {}

    /// A segment is entered. The targeting rules from here to [`Self::leave_segment`] are its own. It is
    /// entered once per subject and kind of question; later answers are remembered.
    fn enter_segment(&mut self, _name: &str) {}

    /// Whether the subject is in the segment.
    fn leave_segment(&mut self, _is_in: bool) {}

    /// A gate was asked, and whether the subject may pass.
    fn gate(&mut self, _gate: Gate<'_>, _passes: bool) {}

    /// The decision.
    fn end(&mut self, _decision: Decision) {}
}

/// Watches nothing and costs nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    const EXHAUSTIVE: bool = false;
}
