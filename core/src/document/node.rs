//! Documents as read: a tree that keeps operands and payloads as text and never gives up on the
//! whole because of a part.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::shape::Shape;
use crate::value::Name;

/// A value in a document, taken apart as far as its [`Shape`] says.
#[derive(Debug)]
pub(crate) enum Node<'a> {
    Null,
    Bool(bool),
    /// An integer that is not negative.
    Unsigned(u64),
    /// Any other number.
    OtherNumber,
    String(Cow<'a, str>),
    Array(Vec<Node<'a>>),
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
    /// JSON text, where the shape asks for it.
    Text(&'a str),
    /// Valid as text, but not as a value (a lone surrogate, a number beyond a double): why.
    Broken(String),
}

impl<'a> Node<'a> {
    /// Reads a document of `shape`. Parts that cannot be read become [`Node::Broken`]; the whole is
    /// broken only when it is not JSON.
    pub(crate) fn read(text: &'a str, shape: &'static Shape) -> Self {
        match read_strictly(text, shape) {
            Ok(node) => node,
            Err(error) => read_part_by_part(text, shape, &error),
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null) || matches!(self, Self::Text(text) if *text == "null")
    }

    /// What it is, for error messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Unsigned(_) | Self::OtherNumber => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
            Self::Text(_) => "JSON",
            Self::Broken(_) => "unreadable",
        }
    }
}

fn read_strictly<'a>(text: &'a str, shape: &'static Shape) -> Result<Node<'a>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let node = shape.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(node)
}

/// The slow way, taken when something in `text` is broken: each part on its own.
fn read_part_by_part<'a>(text: &'a str, shape: &'static Shape, error: &serde_json::Error) -> Node<'a> {
    let parts = match shape {
        Shape::Each(_) => serde_json::from_str::<Vec<&RawValue>>(text).ok().map(|items| {
            Node::Array(items.into_iter().map(|item| Node::read(item.get(), shape.item())).collect())
        }),
        Shape::Map(_) | Shape::Object(_) => {
            serde_json::from_str::<RawMembers<'_>>(text).ok().map(|members| {
                let read = |(key, value): (Cow<'a, str>, &'a RawValue)| {
                    let node = Node::read(value.get(), shape.member(&key));
                    (key, node)
                };
                Node::Object(members.0.into_iter().map(read).collect())
            })
        }
        Shape::Scalar | Shape::Text => None,
    };
    parts.unwrap_or_else(|| Node::Broken(error.to_string()))
}

/// An object's members in order, values as text.
pub(crate) struct RawMembers<'a>(pub(crate) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> serde::Deserialize<'de> for RawMembers<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = RawMembers<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(key) = map.next_key_seed(Name)? {
                    members.push((key, map.next_value()?));
                }
                Ok(RawMembers(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

impl<'de> DeserializeSeed<'de> for &'static Shape {
    type Value = Node<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node<'de>, D::Error> {
        match self {
            Shape::Text => {
                let text: &'de RawValue = serde::Deserialize::deserialize(deserializer)?;
                Ok(Node::Text(text.get()))
            }
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for &'static Shape {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, bool: bool) -> Result<Node<'de>, E> {
        Ok(Node::Bool(bool))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node<'de>, E> {
        Ok(Node::Unsigned(number))
    }

    fn visit_i64<E>(self, _number: i64) -> Result<Node<'de>, E> {
        Ok(Node::OtherNumber)
    }

    fn visit_f64<E>(self, _number: f64) -> Result<Node<'de>, E> {
        Ok(Node::OtherNumber)
    }

    fn visit_borrowed_str<E>(self, string: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::String(Cow::Borrowed(string)))
    }

    fn visit_str<E>(self, string: &str) -> Result<Node<'de>, E> {
        Ok(Node::String(Cow::Owned(string.to_string())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node<'de>, A::Error> {
        let mut array = Vec::new();
        if let Shape::Each(item) = self {
            while let Some(node) = items.next_element_seed(*item)? {
                array.push(node);
            }
        } else {
            // An array where none is expected is a fault whatever it holds.
            while items.next_element::<IgnoredAny>()?.is_some() {}
        }
        Ok(Node::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node<'de>, A::Error> {
        let mut members = Vec::with_capacity(self.known_members());
        if matches!(self, Shape::Object(_) | Shape::Map(_)) {
            while let Some(key) = map.next_key_seed(Name)? {
                // The publisher writes members in the order of the shape, mostly without gaps.
                let node = map.next_value_seed(self.member_near(&key, members.len()))?;
                members.push((key, node));
            }
        } else {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        }
        Ok(Node::Object(members))
    }
}
