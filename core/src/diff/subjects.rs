//! Two snapshots compared by what real subjects get: through targeting, gates and sticky state.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;

use super::tally::{Part, Place, Tally};
use crate::decide::{Evaluation, Scratch};
use crate::snapshot::{ExperimentId, Snapshot};
use crate::subject::Subject;

/// Which experiments to decide.
#[derive(Clone, Copy, Debug)]
pub enum Experiments<'k> {
    /// All of both snapshots.
    All,
    /// These, in any order. [`affected`](super::affected) names those whose decisions can differ; the
    /// others need not be asked to know how many subjects move.
    Keys(&'k [String]),
}

/// Counts subjects. It is shared by threads, each with a [`Tally`] of its own:
///
/// ```
/// # use lotwise_core::{Context, Fault, Scratch, Snapshot, Subject};
/// use lotwise_core::diff::{Counting, Experiments};
///
/// # fn count(before: &Snapshot, after: &Snapshot, keys: &[&str]) -> u64 {
/// let counting = Counting::new(Some(before), Some(after), Experiments::All, false);
/// let (mut tally, mut scratch) = (counting.tally(), [Scratch::new(), Scratch::new()]);
/// for key in keys {
///     let context = Context::default();
///     if let Ok(subject) = Subject::new(key, &context) {
///         counting.count(&subject, &mut scratch, &mut tally);
///     }
/// }
/// let diff = counting.finish(&tally);
/// diff.subjects
/// # }
/// ```
#[derive(Debug)]
pub struct Counting<'s> {
    before: Option<&'s Snapshot>,
    after: Option<&'s Snapshot>,
    experiments: Vec<Counted<'s>>,
    cells: usize,
    /// Whether to count the subjects of each segment of the snapshot after as well.
    by_segment: bool,
}

#[derive(Debug)]
struct Counted<'s> {
    key: &'s str,
    before: Option<ExperimentId>,
    after: Option<ExperimentId>,
    place: Place,
}

impl<'s> Counting<'s> {
    /// Counts what changes from one snapshot to another, `None` being nothing published. `by_segment`
    /// counts for each segment of the snapshot after, too, what becomes of the subjects in it.
    pub fn new(
        before: Option<&'s Snapshot>,
        after: Option<&'s Snapshot>,
        experiments: Experiments<'_>,
        by_segment: bool,
    ) -> Self {
        let all = |side: Option<&'s Snapshot>| {
            side.into_iter().flat_map(|it| it.experiments().map(move |id| it.experiment_key(id)))
        };
        let mut keys: Vec<&'s str> = match experiments {
            Experiments::All => all(before).chain(all(after)).collect(),
            Experiments::Keys(keys) => {
                let known = |side: Option<&'s Snapshot>, key: &str| {
                    side.and_then(|it| it.experiment(key).map(|id| it.experiment_key(id)))
                };
                keys.iter().filter_map(|key| known(before, key).or_else(|| known(after, key))).collect()
            }
        };
        keys.sort_unstable();
        keys.dedup();
        let mut cells = 0;
        let counted = (0..).zip(keys).map(|(number, key)| {
            let find = |side: Option<&Snapshot>| side.and_then(|it| it.experiment(key));
            let (before_id, after_id) = (find(before), find(after));
            let rows = |side: Option<&Snapshot>, id| usize::from(variants(side, id)) + 1;
            let place = Place::next(number, rows(before, before_id), rows(after, after_id), &mut cells);
            Counted { key, before: before_id, after: after_id, place }
        });
        let experiments = counted.collect();
        Self { before, after, experiments, cells, by_segment }
    }

    /// Nobody counted yet.
    pub fn tally(&self) -> Tally {
        Tally { subjects: 0, parts: alloc::vec![Some(Part::new(self.cells))] }
    }

    /// Decides every experiment for a subject in both snapshots and counts what comes of it. The sticky
    /// state is the same before and after.
    pub fn count(&self, subject: &Subject<'_>, scratch: &mut [Scratch; 2], tally: &mut Tally) {
        let [left, right] = scratch;
        let mut before = self.before.map(|it| Evaluation::new(it, subject, left));
        let mut after = self.after.map(|it| Evaluation::new(it, subject, right));
        tally.subjects += 1;
        let mut parts = alloc::vec![0];
        if self.by_segment
            && let (Some(snapshot), Some(after)) = (self.after, &mut after)
        {
            let segments = 0..snapshot.tables.segments.len() as u32;
            parts.extend(segments.filter(|it| after.segment(*it)).map(|it| it as usize + 1));
        }
        for part in &parts {
            if tally.parts.len() <= *part {
                tally.parts.resize(part + 1, None);
            }
            if let Some(part) = tally.parts.get_mut(*part) {
                part.get_or_insert_with(|| Part::new(self.cells)).subjects += 1;
            }
        }
        for counted in &self.experiments {
            let from = decide(before.as_mut(), counted.before);
            let to = decide(after.as_mut(), counted.after);
            // Who is in neither is what is left of all.
            if from == 0 && to == 0 {
                continue;
            }
            for part in &parts {
                if let Some(Some(part)) = tally.parts.get_mut(*part) {
                    part.add(counted.place, from, to);
                }
            }
        }
    }

    /// The counts by name.
    pub fn finish(&self, tally: &Tally) -> SubjectsDiff {
        let empty = Part::default();
        let part = |index: usize| tally.parts.get(index).and_then(Option::as_ref).unwrap_or(&empty);
        let segments = self.after.filter(|_| self.by_segment).map_or(0, |it| it.tables.segments.len());
        let experiments = self.experiments.iter().map(|counted| ExperimentSubjects {
            experiment_key: counted.key.to_string(),
            all: self.summary(counted, part(0)),
            segments: (0..segments)
                .map(|index| SegmentSubjects {
                    segment: self.segment_name(index).to_string(),
                    subjects: part(index + 1).subjects,
                    counts: self.summary(counted, part(index + 1)),
                })
                .collect(),
        });
        SubjectsDiff { subjects: tally.subjects, experiments: experiments.collect() }
    }

    fn segment_name(&self, index: usize) -> &str {
        let tables = self.after.map(|it| &it.tables);
        tables.and_then(|it| Some(it.text(it.segments.get(index)?.name))).unwrap_or_default()
    }

    fn summary(&self, counted: &Counted<'_>, part: &Part) -> SubjectCounts {
        let rows = |side: Option<&Snapshot>, id| variants(side, id).saturating_add(1);
        let counts =
            part.counts(counted.place, rows(self.before, counted.before), rows(self.after, counted.after));
        let mut summary = SubjectCounts::default();
        for (from, to, subjects) in counts {
            let (from, to) = (name(self.before, counted.before, from), name(self.after, counted.after, to));
            match (from, to) {
                (None, None) => continue,
                (Some(from), Some(to)) if from == to => {
                    summary.stay += subjects;
                    continue;
                }
                (Some(_), Some(_)) => summary.switching += subjects,
                (None, Some(_)) => summary.entering += subjects,
                (Some(_), None) => summary.leaving += subjects,
            }
            let [from, to] = [from, to].map(|key| key.map(ToString::to_string));
            summary.moves.push(SubjectMove { from, to, subjects });
        }
        summary
    }
}

/// One more than the variant's index; 0 for none.
#[inline]
fn decide(evaluation: Option<&mut Evaluation<'_>>, experiment: Option<ExperimentId>) -> u16 {
    let decision = evaluation.zip(experiment).map(|(evaluation, experiment)| evaluation.decide(experiment));
    decision.and_then(|decision| decision.variant).map_or(0, |variant| variant.saturating_add(1))
}

fn variants(snapshot: Option<&Snapshot>, experiment: Option<ExperimentId>) -> u16 {
    let row = snapshot.zip(experiment).and_then(|(it, id)| it.tables.experiment(id.0));
    // An experiment with more is unsupported, and nobody is in it.
    row.map_or(0, |row| row.variants.len().min(u32::from(u16::MAX - 1)) as u16)
}

fn name(snapshot: Option<&Snapshot>, experiment: Option<ExperimentId>, number: u16) -> Option<&str> {
    let tables = &snapshot?.tables;
    let row = tables.experiment(experiment?.0)?;
    Some(tables.text(tables.variant(row, number.checked_sub(1)?)?.key))
}

/// What becomes of some subjects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SubjectsDiff {
    /// How many were counted.
    pub subjects: u64,
    /// In key order.
    pub experiments: Vec<ExperimentSubjects>,
}

/// What becomes of them in one experiment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExperimentSubjects {
    /// Its key.
    pub experiment_key: String,
    /// Of all subjects.
    #[serde(flatten)]
    pub all: SubjectCounts,
    /// Of those in each segment, when that was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<SegmentSubjects>,
}

/// What becomes of the subjects in a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SegmentSubjects {
    /// Its name.
    pub segment: String,
    /// How many are in it.
    pub subjects: u64,
    /// What becomes of them.
    #[serde(flatten)]
    pub counts: SubjectCounts,
}

/// Subjects by what becomes of them. Who is in no variant before and after is in none of the counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SubjectCounts {
    /// Who stays in a variant.
    pub stay: u64,
    /// Who comes in.
    pub entering: u64,
    /// Who goes out.
    pub leaving: u64,
    /// Who gets another variant.
    pub switching: u64,
    /// All who do not stay, by where from and where to; no counts of 0.
    pub moves: Vec<SubjectMove>,
}

/// Subjects who get something else than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SubjectMove {
    /// A variant key; none: they were in none.
    pub from: Option<String>,
    /// A variant key; none: they are in none.
    pub to: Option<String>,
    /// How many.
    pub subjects: u64,
}
