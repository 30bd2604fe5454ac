//! JSON text read into values.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{MAX_DEPTH, Object, Value};

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
}

#[cfg(feature = "preview")]
impl serde::Serialize for Value<'_> {
    /// Integers are written without a fraction.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const LIMIT: f64 = 9_007_199_254_740_992.0;
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(bool) => serializer.serialize_bool(*bool),
            Self::Number(number) if number.abs() < LIMIT && *number % 1.0 == 0.0 => {
                serializer.serialize_i64(*number as i64)
            }
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::String(string) => serializer.serialize_str(string),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(object) => serializer.collect_map(object.members()),
        }
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
