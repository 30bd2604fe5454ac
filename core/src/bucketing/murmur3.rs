//! `MurmurHash3_x86_32` (Austin Appleby, public domain), seed 0, as a copyable stream.

const C1: u32 = 0xcc9e_2d51;
const C2: u32 = 0x1b87_3593;

/// A hash in progress. It is `Copy`: absorb a user key once, then continue a copy per salt.
#[derive(Clone, Copy, Debug, Default)]
pub struct Murmur3 {
    state: u32,
    /// Up to three bytes that do not fill a block yet, the first in the lowest bits.
    tail: u32,
    /// How many bytes `tail` holds.
    tail_bytes: u32,
    /// Bytes absorbed so far. The reference takes the length modulo 2^32 too.
    length: u32,
}

impl Murmur3 {
    /// An empty stream with seed 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// Continues with `bytes`.
    #[inline]
    pub fn absorb(mut self, bytes: &[u8]) -> Self {
        self.length = self.length.wrapping_add(bytes.len() as u32);
        let (blocks, rest) = bytes.as_chunks::<4>();
        let shift = self.tail_bytes * 8;
        let mut tail = u64::from(self.tail);
        for block in blocks {
            let joined = tail | (u64::from(u32::from_le_bytes(*block)) << shift);
            self.state = mix(self.state, joined as u32);
            tail = joined >> 32;
        }
        self.tail = tail as u32;
        for byte in rest {
            self.tail |= u32::from(*byte) << (self.tail_bytes * 8);
            self.tail_bytes += 1;
            if self.tail_bytes == 4 {
                self.state = mix(self.state, self.tail);
                self.tail = 0;
                self.tail_bytes = 0;
            }
        }
        self
    }

    /// The hash of everything absorbed.
    #[inline]
    pub fn finish(self) -> u32 {
        let mut hash = self.state ^ scramble(self.tail) ^ self.length;
        hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
        hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
        hash ^ (hash >> 16)
    }
}

#[inline]
fn scramble(block: u32) -> u32 {
    block.wrapping_mul(C1).rotate_left(15).wrapping_mul(C2)
}

#[inline]
fn mix(state: u32, block: u32) -> u32 {
    (state ^ scramble(block)).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64)
}
