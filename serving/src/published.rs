//! What a reader takes from the store: a pointer, and the snapshot it points to.

use core::fmt;

use lotwise_core::{Fault, Snapshot};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::hex::push_hex;

/// `version.json`: which snapshot an environment is at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
    environment: String,
    version: u64,
    snapshot: String,
    sha256: String,
    bytes: usize,
}

/// A verified, loaded snapshot.
#[derive(Debug)]
pub struct Published {
    snapshot: Snapshot,
    sha256: String,
}

/// Why something at the store is not taken.
#[derive(Debug)]
pub enum InvalidSnapshot {
    /// `version.json` is not what it has to be.
    Pointer(&'static str),
    /// The object is not what the pointer promises.
    Object(&'static str),
    /// The document is refused.
    Document(Fault),
}

impl fmt::Display for InvalidSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pointer(reason) => write!(f, "version.json: {reason}"),
            Self::Object(reason) => write!(f, "snapshot: {reason}"),
            Self::Document(fault) => write!(f, "snapshot: {fault}"),
        }
    }
}

impl std::error::Error for InvalidSnapshot {}

#[derive(Deserialize)]
struct PointerBody {
    schema_version: u64,
    environment: String,
    version: u64,
    snapshot: String,
    sha256: String,
    bytes: usize,
}

impl Pointer {
    /// Reads the `version.json` of an environment.
    ///
    /// # Errors
    ///
    /// A body that is not one, belongs to another environment, or points anywhere but to
    /// `snapshots/{version}-{first 16 hex digits of sha256}.json`.
    pub fn parse(environment: &str, body: &[u8]) -> Result<Self, InvalidSnapshot> {
        use InvalidSnapshot::Pointer as Invalid;
        let pointer: PointerBody = serde_json::from_slice(body).map_err(|_| Invalid("not a pointer"))?;
        if pointer.schema_version != lotwise_core::document::SCHEMA_VERSION {
            return Err(Invalid("unknown schema_version"));
        }
        if pointer.environment != environment {
            return Err(Invalid("of another environment"));
        }
        let is_digest = pointer.sha256.len() == 64 && pointer.sha256.bytes().all(is_hex);
        let named = pointer.sha256.get(..16).map(|head| format!("snapshots/{}-{head}.json", pointer.version));
        if !is_digest || named.as_deref() != Some(pointer.snapshot.as_str()) {
            return Err(Invalid("the snapshot's path does not go with its version and digest"));
        }
        if pointer.bytes > lotwise_core::document::MAX_DOCUMENT_BYTES {
            return Err(Invalid("the snapshot is too large"));
        }
        let PointerBody { environment, version, snapshot, sha256, bytes, .. } = pointer;
        Ok(Self { environment, version, snapshot, sha256, bytes })
    }

    /// The version it points to.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The object's path under the environment.
    pub fn path(&self) -> &str {
        &self.snapshot
    }

    /// How many bytes the object has.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether it points beyond what is held. A lower version comes from a stale replica.
    pub fn is_beyond(&self, held: Option<&Published>) -> bool {
        held.is_none_or(|held| self.version > held.snapshot.version())
    }

    /// Verifies and loads the object it points to.
    ///
    /// # Errors
    ///
    /// Another length, digest, environment or version than promised, or a document that is refused.
    pub fn load(&self, object: &[u8]) -> Result<Published, InvalidSnapshot> {
        use InvalidSnapshot::Object as Invalid;
        if object.len() != self.bytes {
            return Err(Invalid("not of the promised length"));
        }
        let mut digest = String::with_capacity(64);
        push_hex(&mut digest, &Sha256::digest(object));
        if digest != self.sha256 {
            return Err(Invalid("not of the promised digest"));
        }
        let snapshot = Snapshot::load(object).map_err(InvalidSnapshot::Document)?;
        if snapshot.environment() != self.environment || snapshot.version() != self.version {
            return Err(Invalid("of another environment or version than its pointer"));
        }
        Ok(Published { snapshot, sha256: self.sha256.clone() })
    }
}

impl Published {
    /// The snapshot.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// SHA-256 of the published bytes, 64 hex digits.
    pub fn digest(&self) -> &str {
        &self.sha256
    }
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}

/// Whether the file name in `path`, `{version}-{16 hex digits}.{extension}`, holds the beginning of
/// the SHA-256 of `object`.
pub(crate) fn is_named_by_digest(path: &str, object: &[u8]) -> bool {
    let named = path.rsplit_once('-').and_then(|(_, name)| name.split('.').next());
    let mut digest = String::with_capacity(64);
    push_hex(&mut digest, &Sha256::digest(object));
    named.is_some_and(|named| named.len() == 16 && digest.starts_with(named))
}
