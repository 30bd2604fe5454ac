//! Counts that add up.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// Experiments with more pairs of variants than this are counted sparsely.
const MAX_DENSE: usize = 1024;

/// What a part of the subjects came to. Parts that were counted apart, on other threads, are merged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub(super) subjects: u64,
    /// The first is of all subjects, then one per segment, made when its first subject comes.
    pub(super) parts: Vec<Option<Part>>,
}

/// The counts of some of the subjects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) subjects: u64,
    /// Per experiment, variant before and variant after.
    dense: Vec<u64>,
    sparse: BTreeMap<(u32, u16, u16), u64>,
}

/// Where the counts of an experiment are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// From this cell on, this many variants after, "none" among them.
    Dense { start: usize, width: usize },
    /// Under this number.
    Sparse(u32),
}

impl Place {
    /// The next place, for as many variants before and after, "none" among them.
    pub(super) fn next(number: u32, before: usize, after: usize, cells: &mut usize) -> Self {
        let size = before.saturating_mul(after);
        if size > MAX_DENSE {
            return Self::Sparse(number);
        }
        let start = *cells;
        *cells += size;
        Self::Dense { start, width: after }
    }
}

impl Part {
    pub(super) fn new(cells: usize) -> Self {
        Self { subjects: 0, dense: alloc::vec![0; cells], sparse: BTreeMap::new() }
    }

    #[inline]
    pub(super) fn add(&mut self, place: Place, before: u16, after: u16) {
        match place {
            Place::Dense { start, width } => {
                let cell = start + usize::from(before) * width + usize::from(after);
                if let Some(count) = self.dense.get_mut(cell) {
                    *count += 1;
                }
            }
            Place::Sparse(number) => *self.sparse.entry((number, before, after)).or_default() += 1,
        }
    }

    pub(super) fn count(&self, place: Place, before: u16, after: u16) -> u64 {
        match place {
            Place::Dense { start, width } => {
                let cell = start + usize::from(before) * width + usize::from(after);
                self.dense.get(cell).copied().unwrap_or_default()
            }
            Place::Sparse(number) => self.sparse.get(&(number, before, after)).copied().unwrap_or_default(),
        }
    }

    /// The counts of an experiment that are not 0.
    pub(super) fn counts(&self, place: Place, before: u16, after: u16) -> Vec<(u16, u16, u64)> {
        match place {
            Place::Dense { .. } => (0..before)
                .flat_map(|from| (0..after).map(move |to| (from, to)))
                .map(|(from, to)| (from, to, self.count(place, from, to)))
                .filter(|(_, _, count)| *count > 0)
                .collect(),
            Place::Sparse(number) => {
                let range = self.sparse.range((number, 0, 0)..=(number, u16::MAX, u16::MAX));
                range.map(|((_, from, to), count)| (*from, *to, *count)).collect()
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        self.subjects += other.subjects;
        for (own, other) in self.dense.iter_mut().zip(&other.dense) {
            *own += other;
        }
        for (key, count) in &other.sparse {
            *self.sparse.entry(*key).or_default() += count;
        }
    }
}

impl Tally {
    /// Adds what another part of the subjects came to, by the same [`Counting`](super::Counting).
    pub fn merge(&mut self, other: &Self) {
        self.subjects += other.subjects;
        if self.parts.len() < other.parts.len() {
            self.parts.resize(other.parts.len(), None);
        }
        for (own, other) in self.parts.iter_mut().zip(&other.parts) {
            match (own, other) {
                (Some(own), Some(other)) => own.merge(other),
                (own @ None, Some(other)) => *own = Some(other.clone()),
                (_, None) => {}
            }
        }
    }
}
