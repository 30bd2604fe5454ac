//! Slices: the buckets of a group that one member holds for itself.

use lotwise_core::plan::{self, SliceError};

use super::experiment::Experiment;
use super::group::{Group, GroupMode};
use super::range::{Range, buckets, joined};
use super::refusal::Refusal;
use super::status::Status;

/// How much of a group an experiment is to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// So many buckets, whichever are free.
    Buckets(u16),
    /// Exactly these, in order.
    Ranges(Vec<Range>),
    /// None.
    Release,
}

impl Group {
    /// Gives an experiment its slice, or takes it back. What other members hold stays theirs.
    pub fn claim(&self, experiment: &mut Experiment, claim: &Claim) -> Result<(), Refusal> {
        experiment.require_not_archived()?;
        if self.mode == GroupMode::First {
            let detail = "All members of a `first` group own all of its buckets: there are no slices.";
            return Err(Refusal::conflict("not_sliced", detail));
        }
        if experiment.group.as_ref().is_none_or(|group| group.group_id != self.id) {
            self.join(experiment, claim)?;
        }
        let held = experiment.group.as_ref().map(|group| group.ranges.clone()).unwrap_or_default();
        let others = self.held_by_others(&experiment.key);
        let ranges = match claim {
            Claim::Buckets(wanted) => {
                resized(&held, &others, *wanted).map_err(|free| Refusal::GroupFull { free })?
            }
            Claim::Ranges(ranges) => {
                self.require_free(ranges, &experiment.key)?;
                joined(ranges)
            }
            Claim::Release if held.is_empty() => return Err(Refusal::NotFound("slice")),
            Claim::Release if experiment.status == Status::Running => {
                let detail = "Without a slice the experiment would lose everyone: pause it first.";
                return Err(Refusal::conflict("running", detail));
            }
            Claim::Release => Vec::new(),
        };
        if let Some(group) = &mut experiment.group {
            group.ranges = ranges;
        }
        experiment.require_publishable()
    }

    fn join(&self, experiment: &mut Experiment, claim: &Claim) -> Result<(), Refusal> {
        if *claim == Claim::Release {
            return Err(Refusal::NotFound("slice"));
        }
        if let Some(group) = &experiment.group {
            let detail = format!("The experiment is in the group {}.", group.key);
            return Err(Refusal::conflict("in_another_group", detail));
        }
        if experiment.status != Status::Draft {
            let detail = "An experiment can join a group only while it is a DRAFT.";
            return Err(Refusal::conflict("group_fixed", detail));
        }
        experiment.group = Some(self.membership());
        Ok(())
    }

    fn require_free(&self, ranges: &[Range], key: &str) -> Result<(), Refusal> {
        let overlaps = |held: &Range| ranges.iter().any(|range| range.overlaps(*held));
        let others = self.members.iter().filter(|member| member.experiment_key != key);
        match others.into_iter().find(|member| member.ranges.iter().any(overlaps)) {
            None => Ok(()),
            Some(holder) => {
                let detail = format!("Some of these buckets belong to {}.", holder.experiment_key);
                Err(Refusal::conflict("slice_taken", detail))
            }
        }
    }
}

/// The buckets of a slice that is to have `wanted` of them, where `held` is what it has and
/// `others` what the other members hold: see the core's planner.
///
/// # Errors
///
/// Too few buckets are free: how many are, besides those held.
pub fn resized(held: &[Range], others: &[Range], wanted: u16) -> Result<Vec<Range>, u16> {
    let core = |ranges: &[Range]| -> Vec<_> { ranges.iter().map(|range| range.to_core()).collect() };
    match plan::claim(&core(held), &core(others), wanted) {
        Ok(ranges) => Ok(ranges.into_iter().map(Range::from).collect()),
        Err(SliceError::DoesNotFit { free, .. }) => Err(free.saturating_sub(buckets(held))),
        // Slices are kept apart by a constraint.
        Err(SliceError::Contested(_)) => Err(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(range_start: u16, range_end: u16) -> Range {
        Range { range_start, range_end }
    }

    #[test]
    fn a_slice_grows_into_what_is_free_and_shrinks_from_its_end() {
        assert_eq!(resized(&[], &[], 2_500), Ok(vec![range(0, 2_499)]));
        let others = [range(0, 2_499), range(6_000, 6_999)];
        let held = resized(&[], &others, 1_000).unwrap();
        assert_eq!(held, [range(7_000, 7_999)]);
        let held = [range(2_500, 3_499)];
        let more = resized(&held, &others, 4_000).unwrap();
        assert_eq!(more, [range(2_500, 5_999), range(7_000, 7_499)]);
        let less = resized(&more, &others, 3_000).unwrap();
        assert_eq!(less, [range(2_500, 5_499)]);
        assert_eq!(resized(&less, &others, 4_000), Ok(more));
        assert_eq!(resized(&held, &others, 7_000), Err(5_500));
        assert_eq!(resized(&held, &others, 0), Ok(vec![]));
    }

    #[test]
    fn what_lies_before_is_taken_last() {
        let held = [range(5_000, 8_999)];
        assert_eq!(resized(&held, &[], 6_000), Ok(vec![range(0, 999), range(5_000, 9_999)]));
        assert_eq!(resized(&[], &[Range::ALL], 1), Err(0));
    }
}
