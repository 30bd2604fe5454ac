//! A subject in the words of the binary form, for hosts that have no JSON at hand.

use alloc::string::String;

use super::bytes::Source;
use super::condition::read_value;
use crate::subject::{Context, Sticky};
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
    /// Reads a string, a value, and a list of pairs of strings: user key, context, sticky state.
    ///
    /// Words are little-endian and of 32 bits. A string is its number of bytes and these; a list is its
    /// number of items and these. A value is a word and what follows it: 0 null, 1 false, 2 true, 3 a
    /// double of 64 bits, 4 a string, 5 a list of values, 6 a list of members, each a string and a
    /// value, in the bytewise order of their names.
    ///
    /// `None` for anything else, and for a context that is no object.
    pub fn from_binary(bytes: &[u8]) -> Option<Self> {
        let mut source = Source::new(bytes);
        let user_key = source.string().ok()?.into();
        let context = Context::from_value(read_value(&mut source, MAX_DEPTH).ok()?).ok()?;
        let sticky = source.items(|source| Ok((source.string()?.into(), source.string()?.into()))).ok()?;
        source.end().ok()?;
        Some(Self { user_key, context, sticky: sticky.into_iter().collect() })
    }
}
