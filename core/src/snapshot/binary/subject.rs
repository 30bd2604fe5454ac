//! A subject in the words of the binary form, for hosts that have no JSON at hand.

use alloc::string::String;

use super::bytes::Source;
use super::condition::read_value;
use crate::sticky::Sticky;
use crate::subject::Context;
use crate::value::MAX_DEPTH;

/// Who is decided for, owned.
#[derive(Clone, Debug, Default)]
pub struct SubjectState {
    /// As [`crate::Subject::new`] takes it; its length is not checked yet.
    pub user_key: String,
    /// The attributes.
    pub context: Context<'static>,
    /// What the subject was given before.
    pub sticky: Sticky,
}

impl SubjectState {
    /// Reads a string, a value, and a list of pairs of strings in the order of the first
    /// ones: user key, context, sticky state.
    ///
    /// Words are little-endian and of 32 bits. A string is its number of bytes and these; a list is its
    /// number of items and these. A value is a word and what follows it: 0 null, 1 false, 2 true, 3 a
    /// double of 64 bits, 4 a string, 5 a list of values, 6 a list of members, each a string and a
    /// value, in the bytewise order of their names.
    ///
    /// `None` for anything else, too deep, and for a context that is no object.
    pub fn from_binary(bytes: &[u8]) -> Option<Self> {
        let mut source = Source::new(bytes);
        let user_key = source.string().into();
        let context = Context::from_value(read_value(&mut source, MAX_DEPTH)).ok()?;
        let sticky = source.items(|source| (source.string().into(), source.string().into()));
        source.end().ok()?;
        Some(Self { user_key, context, sticky: Sticky::from_sorted(sticky)? })
    }
}
