//! Memory that evaluations reuse, so that deciding allocates nothing once it has grown.

use alloc::string::String;
use alloc::vec::Vec;

use super::Decision;

/// Working memory for one evaluation after another, of any snapshot. Keep one per thread.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Stamps entries as belonging to the current evaluation, so that nothing has to be cleared.
    generation: u32,
    /// Per condition: twice the generation, plus one where it holds.
    conditions: Vec<u32>,
    /// Per experiment, where prerequisites make it worth remembering.
    progress: Vec<(u32, Progress)>,
    /// Experiments that wait for a prerequisite, and the row of the prerequisite they wait for.
    pub(super) waiting: Vec<(u32, u32)>,
    /// What sticky state still names: experiment and variant, sorted.
    pub(super) sticky: Vec<(u32, u16)>,
    /// For lowercasing.
    pub(super) buffer: String,
}

/// How far an experiment's decision has come.
#[derive(Clone, Copy, Debug)]
pub(super) enum Progress {
    Begun,
    Done(Decision),
}

impl Scratch {
    /// Empty; it grows to the snapshots it meets.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts over for another subject.
    pub(super) fn begin(&mut self, conditions: usize, experiments: usize) {
        self.generation += 1;
        if self.generation > u32::MAX / 2 {
            // Stamps would run over, and later look new again.
            self.conditions.clear();
            self.progress.clear();
            self.generation = 1;
        }
        if self.conditions.len() < conditions {
            self.conditions.resize(conditions, 0);
        }
        if self.progress.len() < experiments {
            let never = Progress::Begun;
            self.progress.resize(experiments, (0, never));
        }
        self.waiting.clear();
        self.sticky.clear();
    }

    #[inline]
    pub(super) fn outcome(&self, condition: u32) -> Option<bool> {
        let stamp = *self.conditions.get(condition as usize)?;
        (stamp >> 1 == self.generation).then_some(stamp & 1 == 1)
    }

    #[inline]
    pub(super) fn remember_outcome(&mut self, condition: u32, outcome: bool) {
        if let Some(entry) = self.conditions.get_mut(condition as usize) {
            *entry = self.generation << 1 | u32::from(outcome);
        }
    }

    pub(super) fn progress(&self, experiment: u32) -> Option<Progress> {
        let (generation, progress) = self.progress.get(experiment as usize)?;
        (*generation == self.generation).then_some(*progress)
    }

    pub(super) fn remember_progress(&mut self, experiment: u32, progress: Progress) {
        if let Some(entry) = self.progress.get_mut(experiment as usize) {
            *entry = (self.generation, progress);
        }
    }
}
