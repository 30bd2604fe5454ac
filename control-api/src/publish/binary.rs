//! The binary form that is published beside a document, so that readers load without parsing.

use bytes::Bytes;
use lotwise_core::{BINARY_FORMAT, MAX_BINARY_BYTES, Snapshot};
use serde::Serialize;

use crate::hex;

/// What `version.json` says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BinaryForm {
    /// The layout; readers that do not know it take the document.
    pub format: &'static str,
    /// Beside `version.json`.
    pub path: String,
    /// In hex.
    pub sha256: String,
    /// Its length.
    pub bytes: usize,
}

/// The binary form of a version's document, as this release writes it. None where it would help
/// nobody: the document is published all the same.
pub(super) fn binary_form(version: i64, document: &[u8]) -> Option<(BinaryForm, Bytes)> {
    let snapshot = match Snapshot::load(document) {
        Ok(snapshot) => snapshot,
        Err(error) => {
            tracing::warn!(version, %error, "published without a binary form");
            return None;
        }
    };
    let binary = snapshot.to_binary();
    if binary.len() > MAX_BINARY_BYTES {
        tracing::warn!(version, bytes = binary.len(), "published without a binary form: too large");
        return None;
    }
    let sha256 = hex::sha256(&binary);
    let path = format!("snapshots/{version}-{}.bin", &sha256[..16]);
    let form = BinaryForm { format: BINARY_FORMAT, path, sha256, bytes: binary.len() };
    Some((form, binary.into()))
}
