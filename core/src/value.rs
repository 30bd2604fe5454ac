//! JSON values as conditions see them: numbers are doubles, objects are sorted by key.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

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

impl<'a> Value<'a> {
    /// Reads JSON text of at most [`MAX_DEPTH`] levels.
    ///
    /// # Errors
    ///
    /// Text that is not JSON, nests deeper, repeats a key within an object, holds a lone surrogate
    /// or a number beyond the range of a double.
    pub fn from_json(text: &'a str) -> Result<Self, InvalidJson> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let value =
            Level(MAX_DEPTH).deserialize(&mut deserializer).map_err(|error| InvalidJson::new(&error))?;
        deserializer.end().map_err(|error| InvalidJson::new(&error))?;
        Ok(value)
    }

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

/// JSON text that cannot be taken, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidJson(String);

impl InvalidJson {
    fn new(error: &serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

impl fmt::Display for InvalidJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for InvalidJson {}

/// Reads a value in which this many levels may still open.
struct Level(usize);

impl Level {
    fn open<E: de::Error>(&self) -> Result<Level, E> {
        let deeper = self.0.checked_sub(1);
        deeper.map(Level).ok_or_else(|| E::custom(format_args!("nested deeper than {MAX_DEPTH} levels")))
    }
}

impl<'de> DeserializeSeed<'de> for Level {
    type Value = Value<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, bool: bool) -> Result<Value<'de>, E> {
        Ok(Value::Bool(bool))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number))
    }

    fn visit_borrowed_str<E>(self, string: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::String(Cow::Borrowed(string)))
    }

    fn visit_str<E>(self, string: &str) -> Result<Value<'de>, E> {
        Ok(Value::String(Cow::Owned(string.to_string())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value<'de>, A::Error> {
        let level = self.open::<A::Error>()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(Level(level.0))? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value<'de>, A::Error> {
        let level = self.open::<A::Error>()?;
        let mut members = Vec::new();
        while let Some(key) = map.next_key_seed(Name)? {
            members.push((key, map.next_value_seed(Level(level.0))?));
        }
        let object = Object::from_members(members)
            .map_err(|key| de::Error::custom(format_args!("key {key:?} stands twice in one object")))?;
        Ok(Value::Object(object))
    }
}

/// Reads an object's key, borrowed where it has no escapes.
pub(crate) struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object key")
    }

    fn visit_borrowed_str<E>(self, string: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(string))
    }

    fn visit_str<E>(self, string: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(string.to_string()))
    }
}
