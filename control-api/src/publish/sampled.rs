//! What becomes of real subjects, counted on every core of the machine.

use std::thread;

use lotwise_core::diff::{
    Counting, Diff, Experiments, Published, SegmentSubjects, SubjectCounts, Tally, affected,
};
use lotwise_core::{Scratch, Subject};

use crate::domain::preview::{Counts, SampleImpact, SegmentImpact, SubjectImpact, SubjectMove};
use crate::domain::sample::SampleSubject;

/// Below this a thread is not worth its start.
const MIN_PER_THREAD: usize = 500;

/// What the difference does to `subjects`. Only experiments are decided that it can change.
pub(super) fn sampled(
    before: Option<&Published<'_>>,
    after: &Published<'_>,
    diff: &Diff,
    subjects: &[SampleSubject],
) -> SampleImpact {
    let keys = affected(diff, before, Some(after));
    let (old, new) = (before.map(Published::snapshot), Some(after.snapshot()));
    let counting = Counting::new(old, new, Experiments::Keys(&keys), true);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let share = subjects.len().div_ceil(threads).max(MIN_PER_THREAD);
    let tally = thread::scope(|scope| {
        let counting = &counting;
        let parts: Vec<_> =
            subjects.chunks(share).map(|part| scope.spawn(move || count(counting, part))).collect();
        let mut whole = counting.tally();
        for part in parts {
            match part.join() {
                Ok(part) => whole.merge(&part),
                // Deciding does not panic; should it, the request fails as it would here.
                Err(cause) => std::panic::resume_unwind(cause),
            }
        }
        whole
    });
    let found = counting.finish(&tally);
    let experiments = found.experiments.into_iter().map(|it| SubjectImpact {
        experiment_key: it.experiment_key,
        counts: counts(it.all),
        segments: it.segments.into_iter().filter(|it| it.subjects > 0).map(segment).collect(),
    });
    SampleImpact { subjects: found.subjects, experiments: experiments.collect() }
}

fn count(counting: &Counting<'_>, subjects: &[SampleSubject]) -> Tally {
    let (mut tally, mut scratch) = (counting.tally(), [Scratch::new(), Scratch::new()]);
    for it in subjects {
        // Keys were measured when they were read.
        let Ok(mut subject) = Subject::new(&it.user_key, &it.context) else { continue };
        if let Some(sticky) = &it.sticky {
            subject = subject.with_sticky(sticky);
        }
        counting.count(&subject, &mut scratch, &mut tally);
    }
    tally
}

fn segment(it: SegmentSubjects) -> SegmentImpact {
    SegmentImpact { segment: it.segment, subjects: it.subjects, counts: counts(it.counts) }
}

fn counts(it: SubjectCounts) -> Counts {
    let moves = it.moves.into_iter();
    Counts {
        staying: it.stay,
        entering: it.entering,
        leaving: it.leaving,
        moving: it.switching,
        moves: moves.map(|it| SubjectMove { from: it.from, to: it.to, subjects: it.subjects }).collect(),
    }
}
