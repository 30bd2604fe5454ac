//! JSON values as conditions see them: numbers are doubles, objects are sorted by key.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

#[cfg(feature = "json")]
mod json;

#[cfg(feature = "json")]
pub use json::InvalidJson;
#[cfg(feature = "json")]
pub(crate) use json::Name;

/// How deep arrays and objects may nest; the outermost one is level 1.
pub const MAX_DEPTH: usize = 64;

/// A JSON value. Strings borrow from the text they were read from where they can.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// `null`, which conditions take for a missing attribute.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Any number, rounded to the nearest double; never NaN or infinite. `-0` equals `0`.
    Number(f64),
    /// A string.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Value<'a>>),
    /// An object.
    Object(Object<'a>),
}

impl Value<'_> {
    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(string) => Some(string),
            _ => None,
        }
    }

    /// The value with every string copied, free of the text it was read from.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(bool) => Value::Bool(bool),
            Self::Number(number) => Value::Number(number),
            Self::String(string) => Value::String(Cow::Owned(string.into_owned())),
            Self::Array(items) => Value::Array(items.into_iter().map(Value::into_owned).collect()),
            Self::Object(object) => Value::Object(object.into_owned()),
        }
    }
}

/// A JSON object: members sorted by key, each key once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

impl<'a> Object<'a> {
    /// The object of these members; `Err` is a key that stands more than once.
    pub fn from_members(mut members: Vec<(Cow<'a, str>, Value<'a>)>) -> Result<Self, String> {
        members.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let repeated = members.windows(2).find_map(|pair| match pair {
            [a, b] if a.0 == b.0 => Some(a.0.to_string()),
            _ => None,
        });
        match repeated {
            Some(key) => Err(key),
            None => Ok(Self(members)),
        }
    }

    /// The object of members that are in order; `None` when they are not, or a key stands twice.
    pub(crate) fn from_sorted(members: Vec<(Cow<'a, str>, Value<'a>)>) -> Option<Self> {
        members.is_sorted_by(|a, b| a.0 < b.0).then_some(Self(members))
    }

    /// The member of this name.
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        // Contexts are small: comparing lengths first beats a binary search up to a dozen members.
        if self.0.len() <= 12 {
            return self.0.iter().find(|(name, _)| **name == *key).map(|(_, value)| value);
        }
        let index = self.0.binary_search_by(|(name, _)| (**name).cmp(key)).ok()?;
        self.0.get(index).map(|(_, value)| value)
    }

    /// The members in key order.
    pub fn members(&self) -> impl ExactSizeIterator<Item = (&str, &Value<'a>)> {
        self.0.iter().map(|(key, value)| (&**key, value))
    }

    /// The object free of the text it was read from.
    pub fn into_owned(self) -> Object<'static> {
        let own =
            |(key, value): (Cow<'a, str>, Value<'a>)| (Cow::Owned(key.into_owned()), value.into_owned());
        Object(self.0.into_iter().map(own).collect())
    }
}
