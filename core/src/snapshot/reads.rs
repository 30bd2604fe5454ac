//! What of a subject one experiment looks at.

use alloc::vec;
use alloc::vec::Vec;

use super::tables::{Experiment, Rows, Tables};
use super::{ExperimentId, Snapshot};
use crate::targeting::Test;

/// Everything that the decision of one experiment can depend on, beside the user key: what to keep of
/// a subject to decide again later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// Positions in [`Snapshot::attributes`], in order, without `user_key`.
    pub attributes: Vec<usize>,
    /// Experiments whose sticky state counts: itself, those it depends on, those in their groups.
    pub experiments: Vec<ExperimentId>,
}

impl Snapshot {
    /// What an experiment reads, prerequisites included. Empty for an id of another snapshot.
    pub fn reads(&self, experiment: ExperimentId) -> Reads {
        let tables = &self.tables;
        let mut found = Found {
            tables,
            attributes: vec![false; tables.attributes.len()],
            segments: vec![false; tables.segments.len()],
            experiments: vec![false; tables.experiments.len()],
        };
        // A prerequisite is asked about only once, so this ends.
        let mut asked = vec![experiment.0];
        let mut depends_on = vec![false; tables.experiments.len()];
        while let Some(index) = asked.pop() {
            if let Some(row) = tables.experiment(index)
                && mark(&mut depends_on, index)
            {
                found.experiment(row);
                mark(&mut found.experiments, index);
                let prerequisites = tables.extras(row).prerequisites.of(&tables.prerequisites);
                asked.extend(prerequisites.iter().filter_map(|it| it.experiment));
            }
        }
        Reads {
            attributes: positions(&found.attributes).filter(|it| *it != 0).collect(),
            experiments: positions(&found.experiments).map(|it| ExperimentId(it as u32)).collect(),
        }
    }
}

/// What was found so far, by position.
struct Found<'s> {
    tables: &'s Tables,
    attributes: Vec<bool>,
    segments: Vec<bool>,
    experiments: Vec<bool>,
}

impl Found<'_> {
    fn experiment(&mut self, row: &Experiment) {
        let tables = self.tables;
        let extras = tables.extras(row);
        if let Some(bucketing) = row.bucketing {
            mark(&mut self.attributes, bucketing.by.0);
        }
        self.rules(row.targeting);
        for delivery in extras.deliveries.of(&tables.deliveries) {
            self.conditions(delivery.conditions);
        }
        let group = extras.group.and_then(|group| tables.layers.get(group as usize));
        for layer in extras.holdouts.of(&tables.layers).iter().chain(group) {
            mark(&mut self.attributes, layer.bucket_by.0);
        }
        if let Some(group) = group {
            let key = tables.text(group.key);
            for (index, other) in tables.experiments.iter().enumerate() {
                let place = tables.extras(other).group.and_then(|place| tables.layers.get(place as usize));
                if place.is_some_and(|place| tables.text(place.key) == key) {
                    mark(&mut self.experiments, index as u32);
                }
            }
        }
    }

    fn rules(&mut self, rules: Rows) {
        for conditions in rules.of(&self.tables.rules) {
            self.conditions(*conditions);
        }
    }

    /// Segments do not lead back to themselves, and none is entered twice.
    fn conditions(&mut self, conditions: Rows) {
        let tables = self.tables;
        for index in conditions.of(&tables.rule_conditions) {
            let Some(condition) = tables.conditions.get(*index as usize) else { continue };
            match condition.test {
                Test::Segment(segment) => {
                    if mark(&mut self.segments, segment)
                        && let Some(row) = tables.segments.get(segment as usize)
                    {
                        self.rules(row.rules);
                    }
                }
                _ => {
                    mark(&mut self.attributes, condition.attribute.0);
                }
            }
        }
    }
}

/// Marks a position, and says whether it had not been.
fn mark(marks: &mut [bool], position: u32) -> bool {
    marks.get_mut(position as usize).is_some_and(|mark| !core::mem::replace(mark, true))
}

fn positions(marks: &[bool]) -> impl Iterator<Item = usize> {
    marks.iter().enumerate().filter(|(_, mark)| **mark).map(|(position, _)| position)
}
