//! From keys to buckets, and from weights to bucket ranges. Unsigned integers throughout.

mod fnv1a;
mod murmur3;
#[cfg(feature = "preview")]
mod set;
mod weights;

pub use fnv1a::fnv1a_64;
pub use murmur3::Murmur3;
#[cfg(feature = "preview")]
pub use set::BucketSet;
pub use weights::{MAX_WEIGHT, WeightsError, ranges_from_weights};

/// How many buckets there are; a bucket is `0..BUCKETS`.
pub const BUCKETS: u16 = 10_000;

/// An inclusive range of buckets, `start <= end < BUCKETS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BucketRange {
    /// First bucket.
    pub start: u16,
    /// Last bucket.
    pub end: u16,
}

impl BucketRange {
    /// Whether `bucket` lies in the range.
    #[inline]
    pub fn contains(self, bucket: u16) -> bool {
        // One unsigned comparison instead of two, so that nothing is left to predict.
        bucket.wrapping_sub(self.start) <= self.end.wrapping_sub(self.start)
    }
}

/// How an experiment turns its bucketing key and salt into a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// `murmur3_x86_32(seed 0, key ++ salt) mod 10000`: what new experiments use.
    Murmur3,
    /// `fnv1a_64(salt ++ ":" ++ key) mod 10000`: only for experiments brought over from elsewhere.
    Fnv1a64,
}

impl HashAlgorithm {
    /// The algorithm by its published name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "murmur3" => Some(Self::Murmur3),
            "fnv1a64" => Some(Self::Fnv1a64),
            _ => None,
        }
    }

    /// The published name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Murmur3 => "murmur3",
            Self::Fnv1a64 => "fnv1a64",
        }
    }

    /// The bucket of `key` under `salt`.
    pub fn bucket(self, key: &str, salt: &str) -> u16 {
        match self {
            Self::Murmur3 => murmur3_bucket(Murmur3::new().absorb(key.as_bytes()), salt.as_bytes()),
            Self::Fnv1a64 => {
                let hash = fnv1a_64(&[salt.as_bytes(), b":", key.as_bytes()]);
                // The remainder is below 10,000.
                (hash % u64::from(BUCKETS)) as u16
            }
        }
    }
}

/// The murmur3 bucket of a key that has been absorbed already, under `salt`.
#[inline]
pub fn murmur3_bucket(key: Murmur3, salt: &[u8]) -> u16 {
    let hash = key.absorb(salt).finish();
    // The remainder is below 10,000.
    (hash % u32::from(BUCKETS)) as u16
}
