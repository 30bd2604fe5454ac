//! `ignore_case`: lowercasing code point by code point with the full Unicode mapping, without
//! context (no final sigma) and without locale.

#[cfg(feature = "json")]
use alloc::borrow::Cow;
#[cfg(feature = "json")]
use alloc::string::String;

use crate::value::Value;

#[cfg(feature = "json")]
/// The lowercased text.
pub(crate) fn lowercase(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
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
        (Value::String(a), Value::String(b)) => a.chars().flat_map(char::to_lowercase).eq(b.chars()),
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
