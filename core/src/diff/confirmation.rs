//! What somebody confirms who has seen a difference.

use alloc::vec::Vec;

use super::compare::pairs;
use super::published::Published;

/// The bytes to hash into the digest that confirms a publish: equal exactly when the same is published
/// now and the same changes would be made to it. Version and time of what is to come are no part of it,
/// as they are other ones when it is published than when it was looked at.
///
/// Every text is preceded by its length, in eight bytes, the lowest first; an absent one is `-`.
pub fn confirmation(before: Option<&Published<'_>>, after: Option<&Published<'_>>) -> Vec<u8> {
    let mut out = Vec::from(*b"lotwise confirmation 1\n");
    let environment = after.or(before).map(|it| it.snapshot().environment());
    push(environment, &mut out);
    let version = before.map_or(0, |it| it.snapshot().version());
    out.extend_from_slice(&version.to_le_bytes());
    for pair in pairs(before, after) {
        let old = pair.before.and_then(|at| Some(before?.experiment_text(at)));
        let new = pair.after.and_then(|at| Some(after?.experiment_text(at)));
        if old != new {
            push(Some(pair.key), &mut out);
            push(old, &mut out);
            push(new, &mut out);
        }
    }
    // Segments stand only in documents whose experiments lead to them, and are few.
    for side in [before, after] {
        out.push(b'\n');
        for (name, text) in side.map(Published::segments).unwrap_or_default() {
            push(Some(name), &mut out);
            push(Some(text), &mut out);
        }
    }
    out
}

fn push(text: Option<&str>, out: &mut Vec<u8>) {
    match text {
        Some(text) => {
            out.push(b'+');
            out.extend_from_slice(&(text.len() as u64).to_le_bytes());
            out.extend_from_slice(text.as_bytes());
        }
        None => out.push(b'-'),
    }
}
