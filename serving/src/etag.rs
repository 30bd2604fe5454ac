//! Entity tags of answers: computed from what goes in, so that asking again costs no decision.

use lotwise_core::{Snapshot, Subject};
use sha2::{Digest, Sha256};

use crate::hex::push_hex;
use crate::published::Published;

/// The tag of whatever follows from a snapshot, a subject and the question asked of them.
///
/// It covers the core's version, the snapshot's digest, the user key, sticky state, and of the
/// context the attributes that conditions or `bucket_by` look at.
pub(crate) fn etag(published: &Published, subject: &Subject<'_>, question: &[&str]) -> String {
    let mut input = Vec::with_capacity(256);
    for part in [lotwise_core::VERSION, published.digest()].iter().chain(question) {
        input.extend_from_slice(&(part.len() as u64).to_le_bytes());
        input.extend_from_slice(part.as_bytes());
    }
    let snapshot: &Snapshot = published.snapshot();
    snapshot.push_relevant(subject, &mut input);
    let digest = Sha256::digest(&input);
    let mut tag = String::with_capacity(34);
    tag.push('"');
    push_hex(&mut tag, digest.get(..16).unwrap_or_default());
    tag.push('"');
    tag
}

/// Whether `If-None-Match` names the tag; weak ones count, as RFC 9110 (13.1.2) has it.
pub(crate) fn matches(if_none_match: Option<&str>, tag: &str) -> bool {
    let named = |entry: &str| {
        let entry = entry.trim();
        entry == "*" || strong(entry) == strong(tag)
    };
    if_none_match.is_some_and(|header| header.split(',').any(named))
}

fn strong(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}
