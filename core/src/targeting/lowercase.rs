//! `ignore_case`: lowercasing code point by code point with the full Unicode mapping, without
//! context (no final sigma) and without locale.

#[cfg(feature = "json")]
use alloc::borrow::Cow;
#[cfg(feature = "json")]
use alloc::string::String;

use super::letters::RUNS;
use crate::value::Value;

/// The lower case of one code point.
pub(crate) fn lower(char: char) -> impl Iterator<Item = char> {
    let (first, second) = match char {
        '\u{130}' => ('i', Some('\u{307}')),
        char if char.is_ascii() => (char.to_ascii_lowercase(), None),
        char => (mapped(char), None),
    };
    core::iter::once(first).chain(second)
}

fn mapped(char: char) -> char {
    let letter = char as u32;
    let behind = RUNS.partition_point(|run| run.first() <= letter);
    let run = behind.checked_sub(1).and_then(|at| RUNS.get(at));
    run.and_then(|run| run.lower(letter)).unwrap_or(char)
}

#[cfg(feature = "json")]
/// The lowercased text.
pub(crate) fn lowercase(text: &str) -> String {
    text.chars().flat_map(lower).collect()
}

#[cfg(feature = "json")]
/// The value with all its strings lowercased, inside arrays and members too; keys stay.
pub(crate) fn lowercase_value(value: &Value<'_>) -> Value<'static> {
    match value {
        Value::String(string) => Value::String(Cow::Owned(lowercase(string))),
        Value::Array(items) => Value::Array(items.iter().map(lowercase_value).collect()),
        Value::Object(object) => {
            let lower = |(key, value)| (Cow::Owned(String::from(key)), lowercase_value(value));
            let members = object.members().map(lower).collect();
            // The keys are those of an object, so none stands twice.
            Value::Object(crate::value::Object::from_members(members).unwrap_or_default())
        }
        other => other.clone().into_owned(),
    }
}

/// Whether `value`, lowercased, equals `lowered`. Allocates nothing.
pub(crate) fn equals_lowercased(value: &Value<'_>, lowered: &Value<'_>) -> bool {
    match (value, lowered) {
        (Value::String(a), Value::String(b)) => a.chars().flat_map(lower).eq(b.chars()),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equals_lowercased(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let mut pairs = a.members().zip(b.members());
            a.members().len() == b.members().len()
                && pairs.all(|((a_key, a), (b_key, b))| a_key == b_key && equals_lowercased(a, b))
        }
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    /// When the compiler's Unicode moves on, ours does with the next version of the core, not before.
    #[test]
    fn letters_are_lowercased_as_the_standard_library_does() {
        assert_eq!(char::UNICODE_VERSION, (17, 0, 0), "the table in letters.rs is that of Unicode 17");
        for char in '\0'..=char::MAX {
            let (ours, theirs): (Vec<char>, Vec<char>) =
                (lower(char).collect(), char.to_lowercase().collect());
            assert_eq!(ours, theirs, "{char:?}");
        }
    }
}
