//! Positions by the hash of a key that is kept elsewhere.

use alloc::boxed::Box;
use alloc::vec;

use crate::bucketing::Murmur3;

/// Open addressing over a power of two of slots, at most half of them taken. A hundredth of the code of
/// a general hash table, which a page would have to download; keys come from the publisher, so a hash
/// that an attacker could predict does no harm.
#[derive(Debug, Default)]
pub(crate) struct HashIndex {
    /// One more than a position; 0 is free.
    slots: Box<[u32]>,
}

impl HashIndex {
    /// With room for so many positions.
    pub(crate) fn with_capacity(count: usize) -> Self {
        Self { slots: vec![0; (count * 2).next_power_of_two()].into() }
    }

    /// How many positions there is room for.
    #[cfg(feature = "json")]
    pub(crate) fn capacity(&self) -> usize {
        self.slots.len() / 2
    }

    /// The position of a key: among those whose hash may be the same, the one that `is_it`.
    #[inline]
    pub(crate) fn find(&self, key: &str, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let mut slot = self.first(key);
        loop {
            let position = self.slots.get(slot)?.checked_sub(1)?;
            if is_it(position) {
                return Some(position);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    /// Adds the position of a key, for which there is room.
    pub(crate) fn insert(&mut self, key: &str, position: u32) {
        let mut slot = self.first(key);
        while self.slots.get(slot).is_some_and(|taken| *taken != 0) {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        if let Some(free) = self.slots.get_mut(slot) {
            *free = position + 1;
        }
    }

    #[inline]
    fn first(&self, key: &str) -> usize {
        Murmur3::new().absorb(key.as_bytes()).finish() as usize & self.slots.len().saturating_sub(1)
    }
}
