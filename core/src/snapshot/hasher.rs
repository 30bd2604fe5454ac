//! murmur3 as a hasher of the standard kind.

use core::hash::{BuildHasher, Hasher};

use crate::bucketing::Murmur3;

/// A deterministic hasher for the interning maps of the loader.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Murmur3Build;

impl BuildHasher for Murmur3Build {
    type Hasher = Murmur3Hasher;

    fn build_hasher(&self) -> Murmur3Hasher {
        Murmur3Hasher(Murmur3::new())
    }
}

pub(crate) struct Murmur3Hasher(Murmur3);

impl Hasher for Murmur3Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = self.0.absorb(bytes);
    }

    fn finish(&self) -> u64 {
        u64::from(self.0.finish()).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}
