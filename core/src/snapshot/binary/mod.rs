//! The binary form of a snapshot: its tables as they are, so that loading is copying and checking.
//!
//! [`BINARY_FORMAT`] and a NUL, then little-endian words of 32 bits: the header, the sections in the
//! order of `read`, and last the text. A section is its number of rows and the rows; a string among the
//! words is its number of bytes and these, unpadded. Rows that belong to a row elsewhere stand in the
//! order of their owners, which say only how many they are: nothing can be owned twice or by nobody.
//! Whatever is read is written again as the same bytes.

mod bytes;
mod condition;
mod owned;
mod read;
mod rows;
mod subject;
mod verify;
mod write;

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use self::bytes::{Refusal, Source};
pub use self::subject::SubjectState;
use self::verify::verify;
use super::Snapshot;
use crate::fault::Fault;

/// The name of the layout. Another layout, or the same with another meaning, has another name.
pub const BINARY_FORMAT: &str = "lotwise-1";

/// A binary form larger than this, in bytes, is refused by every reader.
pub const MAX_BINARY_BYTES: usize = 32 << 20;

impl Snapshot {
    /// The binary form: the same bytes for every snapshot of the same document.
    ///
    /// It says what this build has understood of the document, so the publisher writes it.
    pub fn to_binary(&self) -> Vec<u8> {
        write::snapshot(self)
    }

    /// Loads what [`Self::to_binary`] gives, without parsing.
    ///
    /// It answers like the snapshot it was written from, except that [`Self::faults`] is empty. A build
    /// without regular expressions refuses, or leaves unsupported, what it would of the document.
    ///
    /// Any bytes are safe to give: what is accepted can be evaluated as any document can. Whether they
    /// say what the document says cannot be seen from them: variants, payloads and the texts that are
    /// copied into answers could be anything. Take them from where the document comes from, by the
    /// digest that `version.json` names beside the document's.
    ///
    /// # Errors
    ///
    /// Another format, over [`MAX_BINARY_BYTES`], or anything that [`Self::to_binary`] would not write.
    pub fn from_binary(bytes: &[u8]) -> Result<Self, Fault> {
        let snapshot = read_snapshot(bytes)?;
        match verify(&snapshot.tables) {
            Ok(()) => Ok(snapshot),
            Err(reason) => Err(invalid(reason)),
        }
    }

    /// The same for bytes that [`Self::to_binary`] is known to have written, by their digest: what the
    /// tables say of each other is not checked, which is a quarter of the code of a page.
    ///
    /// Other bytes can make an evaluation go astray or on without end, and no worse than that.
    ///
    /// # Errors
    ///
    /// Another format, over [`MAX_BINARY_BYTES`], or bytes that are no tables.
    pub fn from_trusted_binary(bytes: &[u8]) -> Result<Self, Fault> {
        read_snapshot(bytes)
    }
}

fn read_snapshot(bytes: &[u8]) -> Result<Snapshot, Fault> {
    if bytes.len() > MAX_BINARY_BYTES {
        return Err(fault("binary_too_large", "larger than any reader takes"));
    }
    let content = bytes.strip_prefix(BINARY_FORMAT.as_bytes()).and_then(|rest| rest.strip_prefix(b"\0"));
    let Some(content) = content else {
        return Err(fault("unknown_binary_format", "this reader does not know the format"));
    };
    read::snapshot(Source::new(content)).map_err(invalid)
}

fn invalid(reason: Refusal) -> Fault {
    fault("invalid_binary", reason)
}

fn fault(code: &'static str, detail: &str) -> Fault {
    Fault { pointer: String::new(), code, detail: detail.to_string() }
}
