//! Experiments by key.

use super::tables::Tables;
use crate::hash_index::HashIndex;

/// Finds an experiment without comparing more than about one key.
#[derive(Debug, Default)]
pub(crate) struct KeyIndex(HashIndex);

impl KeyIndex {
    pub(crate) fn new(tables: &Tables) -> Self {
        let mut index = HashIndex::with_capacity(tables.experiments.len());
        for (position, row) in (0..).zip(&tables.experiments) {
            index.insert(tables.text(row.key), position);
        }
        Self(index)
    }

    pub(crate) fn find(&self, tables: &Tables, key: &str) -> Option<u32> {
        let has_key = |position: u32| {
            tables.experiment(position).is_some_and(|row| tables.bytes(row.key) == key.as_bytes())
        };
        self.0.find(key, has_key)
    }
}
