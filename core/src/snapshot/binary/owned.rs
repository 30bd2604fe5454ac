//! Which rows belong to whom: the owners say how many, in the order of the rows.

use crate::snapshot::tables::{Rows, Tables};

/// How many rows of a table have found their owners.
#[derive(Default)]
pub(super) struct Cursor(u32);

impl Cursor {
    /// The rows of the next owner.
    ///
    /// Owners of more rows than there can be are found out in the end: no table has so many.
    pub(super) fn next(&mut self, count: u32) -> Rows {
        let start = self.0;
        self.0 = start.saturating_add(count);
        Rows { start, end: self.0 }
    }

    fn is_behind<T>(&self, table: &[T]) -> bool {
        self.0 as usize == table.len()
    }
}

/// A cursor per table whose rows are owned.
#[derive(Default)]
pub(super) struct Owned {
    pub(super) conditions: Cursor,
    pub(super) rules: Cursor,
    pub(super) extras: Cursor,
    pub(super) deliveries: Cursor,
    pub(super) variants: Cursor,
    pub(super) allocations: Cursor,
    pub(super) overrides: Cursor,
    pub(super) prerequisites: Cursor,
    pub(super) accepted: Cursor,
    pub(super) layers: Cursor,
    pub(super) ranges: Cursor,
}

impl Owned {
    /// Whether every row has an owner and every owner its rows.
    pub(super) fn match_all(&self, tables: &Tables) -> bool {
        self.conditions.is_behind(&tables.rule_conditions)
            && self.rules.is_behind(&tables.rules)
            && self.extras.is_behind(&tables.extras)
            && self.deliveries.is_behind(&tables.deliveries)
            && self.variants.is_behind(&tables.variants)
            && self.allocations.is_behind(&tables.allocations)
            && self.overrides.is_behind(&tables.overrides)
            && self.prerequisites.is_behind(&tables.prerequisites)
            && self.accepted.is_behind(&tables.accepted)
            && self.layers.is_behind(&tables.layers)
            && self.ranges.is_behind(&tables.layer_ranges)
    }
}
