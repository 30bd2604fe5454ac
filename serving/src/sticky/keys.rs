//! The secrets that sign sticky cookies.

use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Keeps signatures of cookies apart from whatever else somebody signs with the same secret.
const PURPOSE: &[u8] = b"lotwise sticky cookie";
/// As long as the digest: what RFC 2104 asks for.
const MIN_KEY_BYTES: usize = 32;
/// 128 bits of the digest. A forger has no better way than to ask.
pub(super) const TAG_BYTES: usize = 16;

/// Secrets for sticky cookies: the first signs, all verify. Without any, cookies are neither read
/// nor set.
#[derive(Clone, Default)]
pub struct StickyKeys(Vec<Hmac<Sha256>>);

/// A secret that is too short to sign with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShortStickyKey;

impl StickyKeys {
    /// Keys from secrets, the one that signs first.
    ///
    /// # Errors
    ///
    /// A secret of fewer than 32 bytes.
    pub fn new(secrets: &[String]) -> Result<Self, ShortStickyKey> {
        let key = |secret: &String| {
            if secret.len() < MIN_KEY_BYTES {
                return Err(ShortStickyKey);
            }
            Hmac::new_from_slice(secret.as_bytes()).map_err(|_| ShortStickyKey)
        };
        secrets.iter().map(key).collect::<Result<_, _>>().map(Self)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tag of these parts, under the key that signs.
    pub(super) fn sign(&self, parts: &[&[u8]]) -> Option<[u8; TAG_BYTES]> {
        let digest = absorb(self.0.first()?, parts).finalize().into_bytes();
        digest.first_chunk().copied()
    }

    /// Which key signed these parts with this tag.
    pub(super) fn signer(&self, parts: &[&[u8]], tag: &[u8; TAG_BYTES]) -> Option<usize> {
        self.0.iter().position(|key| absorb(key, parts).verify_truncated_left(tag).is_ok())
    }
}

/// Each part behind its length, so that no other parts run together to the same bytes.
fn absorb(key: &Hmac<Sha256>, parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = key.clone();
    for part in [PURPOSE].iter().chain(parts) {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part);
    }
    mac
}

impl fmt::Debug for StickyKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StickyKeys({} keys)", self.0.len())
    }
}

impl fmt::Display for ShortStickyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a sticky key is shorter than {MIN_KEY_BYTES} bytes; `openssl rand -hex 32` makes a good one"
        )
    }
}

impl core::error::Error for ShortStickyKey {}
