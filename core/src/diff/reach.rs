//! Which experiments something leads to: segments that differ, prerequisites, groups.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::compare::pairs;
use super::{Change, Diff, Published};
use crate::snapshot::{Experiment, Rows, Segment, Snapshot, Tables};

/// Per segment whether it is one of these or leads to one.
pub(super) fn touched(tables: &Tables, names: &[&str]) -> Vec<bool> {
    let mut touched: Vec<bool> =
        tables.segments.iter().map(|it| names.binary_search(&tables.text(it.name)).is_ok()).collect();
    // Nesting is bounded when the snapshot is loaded, and so is this.
    while !names.is_empty() {
        let leads = |row: &Segment| rules_lead_to(tables, row.rules, &touched);
        let next: Vec<bool> =
            tables.segments.iter().zip(&touched).map(|(row, is)| *is || leads(row)).collect();
        if next == touched {
            break;
        }
        touched = next;
    }
    touched
}

/// Whether targeting or rules of an experiment ask for a touched segment.
pub(super) fn leads_to(tables: &Tables, row: &Experiment, touched: &[bool]) -> bool {
    let deliveries = tables.extras(row).deliveries.of(&tables.deliveries);
    rules_lead_to(tables, row.targeting, touched)
        || deliveries.iter().any(|it| conditions_lead_to(tables, it.conditions, touched))
}

fn rules_lead_to(tables: &Tables, rules: Rows, touched: &[bool]) -> bool {
    rules.of(&tables.rules).iter().any(|conditions| conditions_lead_to(tables, *conditions, touched))
}

fn conditions_lead_to(tables: &Tables, conditions: Rows, touched: &[bool]) -> bool {
    let segment = |condition: &u32| tables.conditions.get(*condition as usize)?.test.segment();
    let mut asked = conditions.of(&tables.rule_conditions).iter().filter_map(segment);
    asked.any(|segment| touched.get(segment as usize) == Some(&true))
}

/// For each experiment that depends on one that differs, the prerequisites through which it does.
#[derive(Default)]
pub(super) struct Dependants<'s>(BTreeMap<&'s str, BTreeSet<&'s str>>);

impl<'s> Dependants<'s> {
    /// `differs` says of every key whether the experiment differs by itself.
    pub(super) fn new(differs: &[(&'s str, bool)], sides: [Option<&'s Snapshot>; 2]) -> Self {
        let mut led_from: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (dependant, on) in sides.into_iter().flatten().flat_map(prerequisites) {
            led_from.entry(on).or_default().push(dependant);
        }
        if led_from.is_empty() {
            return Self::default();
        }
        let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut open: Vec<&str> =
            differs.iter().filter(|(_, differs)| *differs).map(|(key, _)| *key).collect();
        let mut seen: BTreeSet<&str> = open.iter().copied().collect();
        while let Some(on) = open.pop() {
            for dependant in led_from.get(on).into_iter().flatten() {
                found.entry(dependant).or_default().insert(on);
                if seen.insert(dependant) {
                    open.push(dependant);
                }
            }
        }
        Self(found)
    }

    pub(super) fn of(&self, key: &str) -> Vec<&'s str> {
        self.0.get(key).into_iter().flatten().copied().collect()
    }
}

/// Who depends on whom, by key.
fn prerequisites(snapshot: &Snapshot) -> impl Iterator<Item = (&str, &str)> {
    let tables = &snapshot.tables;
    tables.experiments.iter().flat_map(move |row| {
        let rows = tables.extras(row).prerequisites.of(&tables.prerequisites);
        rows.iter().map(move |it| (tables.text(row.key), tables.text(it.key)))
    })
}

/// The keys, in order, of all experiments whose decisions can differ between two snapshots: those of
/// their difference and those that share a group with one of them, since sticky state in one excludes
/// from the others.
pub fn affected(diff: &Diff, before: Option<&Published<'_>>, after: Option<&Published<'_>>) -> Vec<String> {
    let sides = [before, after].map(|side| side.map(Published::snapshot));
    let changed: BTreeSet<&str> = diff
        .experiments
        .iter()
        .filter(|it| it.change != Change::Unchanged)
        .map(|it| it.experiment_key.as_str())
        .collect();
    let mut groups: BTreeSet<&str> = BTreeSet::new();
    for (key, group) in sides.into_iter().flatten().flat_map(groups_of) {
        if changed.contains(key) {
            groups.insert(group);
        }
    }
    let mut differs: BTreeSet<&str> = changed;
    for (key, group) in sides.into_iter().flatten().flat_map(groups_of) {
        if groups.contains(group) {
            differs.insert(key);
        }
    }
    let all: Vec<(&str, bool)> =
        pairs(before, after).into_iter().map(|it| (it.key, differs.contains(it.key))).collect();
    let depends = Dependants::new(&all, sides);
    let is_affected = |(key, differs): &&(&str, bool)| *differs || !depends.of(key).is_empty();
    all.iter().filter(is_affected).map(|(key, _)| (*key).to_string()).collect()
}

fn groups_of(snapshot: &Snapshot) -> impl Iterator<Item = (&str, &str)> {
    let tables = &snapshot.tables;
    tables.experiments.iter().filter_map(move |row| {
        let layer = tables.layers.get(tables.extras(row).group? as usize)?;
        Some((tables.text(row.key), tables.text(layer.key)))
    })
}
