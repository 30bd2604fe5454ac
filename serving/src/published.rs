//! What a reader takes from the store: a pointer, and the snapshot it points to.

use core::fmt;

use lotwise_core::document::{MAX_DOCUMENT_BYTES, SCHEMA_VERSION};
use lotwise_core::{BINARY_FORMAT, Fault, MAX_BINARY_BYTES, Snapshot};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::hex::push_hex;

/// `version.json`: which snapshot an environment is at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
    environment: String,
    version: u64,
    json: Object,
    /// Where there is one that this reader understands.
    binary: Option<Object>,
}

/// An object at the store.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Object {
    path: String,
    sha256: String,
    bytes: usize,
}

/// A form of the snapshot that a pointer names: where it is, and how to take it.
#[derive(Clone, Copy, Debug)]
pub struct Form<'p> {
    pointer: &'p Pointer,
    object: &'p Object,
    load: fn(&[u8]) -> Result<Snapshot, Fault>,
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
    /// The document, or its binary form, is refused.
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
    #[serde(default)]
    binary: Value,
}

#[derive(Deserialize)]
struct BinaryBody {
    format: String,
    #[serde(flatten)]
    object: Object,
}

impl Pointer {
    /// Reads the `version.json` of an environment. A `binary` that this reader cannot use is as good
    /// as none.
    ///
    /// # Errors
    ///
    /// A body that is not one, belongs to another environment, or points anywhere but to
    /// `snapshots/{version}-{first 16 hex digits of sha256}.json`.
    pub fn parse(environment: &str, body: &[u8]) -> Result<Self, InvalidSnapshot> {
        use InvalidSnapshot::Pointer as Invalid;
        let pointer: PointerBody = serde_json::from_slice(body).map_err(|_| Invalid("not a pointer"))?;
        if pointer.schema_version != SCHEMA_VERSION {
            return Err(Invalid("unknown schema_version"));
        }
        if pointer.environment != environment {
            return Err(Invalid("of another environment"));
        }
        let PointerBody { environment, version, snapshot, sha256, bytes, binary, .. } = pointer;
        let json = Object { path: snapshot, sha256, bytes };
        if !json.is_named_well(version, "json") {
            return Err(Invalid("the snapshot's path does not go with its version and digest"));
        }
        if json.bytes > MAX_DOCUMENT_BYTES {
            return Err(Invalid("the snapshot is too large"));
        }
        let binary =
            serde_json::from_value::<BinaryBody>(binary).ok().filter(|it| it.format == BINARY_FORMAT);
        let binary = binary
            .map(|it| it.object)
            .filter(|object| object.is_named_well(version, "bin") && object.bytes <= MAX_BINARY_BYTES);
        Ok(Self { environment, version, json, binary })
    }

    /// The version it points to.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether it points beyond what is held. A lower version comes from a stale replica.
    pub fn is_beyond(&self, held: Option<&Published>) -> bool {
        held.is_none_or(|held| self.version > held.snapshot.version())
    }

    /// The forms of the snapshot, the one that loads fastest first. The last is the document, which
    /// is always there; whatever is wrong with another form, the next may do.
    pub fn forms(&self) -> impl Iterator<Item = Form<'_>> {
        let binary = self.binary.iter().map(|object| self.form(object, Snapshot::from_binary));
        binary.chain([self.form(&self.json, Snapshot::load)])
    }

    fn form<'p>(&'p self, object: &'p Object, load: fn(&[u8]) -> Result<Snapshot, Fault>) -> Form<'p> {
        Form { pointer: self, object, load }
    }
}

impl Object {
    /// Whether its path is `snapshots/{version}-{first 16 hex digits of sha256}.{ending}`.
    fn is_named_well(&self, version: u64, ending: &str) -> bool {
        let is_digest = self.sha256.len() == 64 && self.sha256.bytes().all(is_hex);
        let named = self.sha256.get(..16).map(|head| format!("snapshots/{version}-{head}.{ending}"));
        is_digest && named.as_deref() == Some(self.path.as_str())
    }
}

impl Form<'_> {
    /// The object's path under the environment.
    pub fn path(&self) -> &str {
        &self.object.path
    }

    /// How many bytes the object has.
    pub fn bytes(&self) -> usize {
        self.object.bytes
    }

    /// Verifies and loads the object, of which the caller has computed the digest: hosts have means
    /// of their own, see [`sha256`].
    ///
    /// # Errors
    ///
    /// Another length, digest, environment or version than promised, or content that is refused.
    pub fn load(&self, object: &[u8], sha256: &[u8; 32]) -> Result<Published, InvalidSnapshot> {
        use InvalidSnapshot::Object as Invalid;
        if object.len() != self.object.bytes {
            return Err(Invalid("not of the promised length"));
        }
        let mut digest = String::with_capacity(64);
        push_hex(&mut digest, sha256);
        if digest != self.object.sha256 {
            return Err(Invalid("not of the promised digest"));
        }
        let snapshot = (self.load)(object).map_err(InvalidSnapshot::Document)?;
        let Pointer { environment, version, json, .. } = self.pointer;
        if snapshot.environment() != environment || snapshot.version() != *version {
            return Err(Invalid("of another environment or version than its pointer"));
        }
        Ok(Published { snapshot, sha256: json.sha256.clone() })
    }
}

/// SHA-256 of an object, for hosts without their own.
pub fn sha256(object: &[u8]) -> [u8; 32] {
    Sha256::digest(object).into()
}

impl Published {
    /// The snapshot.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// SHA-256 of the published document, 64 hex digits: the same whichever form was loaded.
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
    push_hex(&mut digest, &sha256(object));
    named.is_some_and(|named| named.len() == 16 && digest.starts_with(named))
}
