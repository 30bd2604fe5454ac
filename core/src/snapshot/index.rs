//! Experiments by key.

use hashbrown::HashTable;

use super::tables::Tables;
use crate::bucketing::Murmur3;

/// Finds an experiment without comparing more than about one key. Keys come from the publisher, so
/// a hash that an attacker could predict does no harm.
#[derive(Debug, Default)]
pub(crate) struct KeyIndex(HashTable<u32>);

impl KeyIndex {
    pub(crate) fn new(tables: &Tables) -> Self {
        let key_hash = |index: &u32| hash(tables.experiment(*index).map_or("", |row| tables.text(row.key)));
        let mut table = HashTable::with_capacity(tables.experiments.len());
        for index in 0..tables.experiments.len() as u32 {
            table.insert_unique(key_hash(&index), index, key_hash);
        }
        Self(table)
    }

    pub(crate) fn find(&self, tables: &Tables, key: &str) -> Option<u32> {
        let has_key = |index: &u32| {
            tables.experiment(*index).is_some_and(|row| tables.bytes(row.key) == key.as_bytes())
        };
        self.0.find(hash(key), has_key).copied()
    }
}

/// hashbrown takes its control bits from the top and its position from the bottom of 64 bits.
fn hash(key: &str) -> u64 {
    u64::from(Murmur3::new().absorb(key.as_bytes()).finish()).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
