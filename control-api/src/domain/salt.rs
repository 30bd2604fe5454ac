//! Salts.

use crate::hex;

/// The longest salt, in bytes.
pub const MAX_SALT_BYTES: usize = 256;

/// A fresh salt of 128 random bits, in hex.
pub fn generate() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(hex::encode(&bytes))
}
