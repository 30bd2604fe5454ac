//! Who is decided for.

use alloc::borrow::Cow;
use core::fmt;

use crate::sticky::Sticky;
#[cfg(feature = "json")]
use crate::value::InvalidJson;
use crate::value::{Object, Value};

/// The longest user key, in bytes of UTF-8.
pub const MAX_USER_KEY_BYTES: usize = 512;

/// The attributes of a subject.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Context<'a>(Object<'a>);

impl<'a> Context<'a> {
    #[cfg(feature = "json")]
    /// Reads a JSON object.
    ///
    /// # Errors
    ///
    /// Anything but an object, or what [`Value::from_json`] refuses.
    pub fn from_json(text: &'a str) -> Result<Self, InvalidContext> {
        Self::from_value(Value::from_json(text).map_err(InvalidContext::Json)?)
    }

    /// Takes a value that was read already.
    ///
    /// # Errors
    ///
    /// Anything but an object.
    pub fn from_value(value: Value<'a>) -> Result<Self, InvalidContext> {
        match value {
            Value::Object(object) => Ok(Self(object)),
            _ => Err(InvalidContext::NotAnObject),
        }
    }

    /// The context free of the text it was read from.
    pub fn into_owned(self) -> Context<'static> {
        Context(self.0.into_owned())
    }

    /// The attributes.
    pub fn attributes(&self) -> &Object<'a> {
        &self.0
    }
}

/// Why a context cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidContext {
    /// It is JSON, but not an object.
    NotAnObject,
    /// It is not JSON, too deep, or ambiguous.
    #[cfg(feature = "json")]
    Json(InvalidJson),
}

impl fmt::Display for InvalidContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnObject => f.write_str("the context must be a JSON object"),
            #[cfg(feature = "json")]
            Self::Json(error) => write!(f, "the context cannot be read: {error}"),
        }
    }
}

impl core::error::Error for InvalidContext {}

/// Who is decided for: a key, attributes, and what was given before.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// Kept as a value, since conditions may ask for it like for any attribute.
    user_key: Value<'a>,
    context: &'a Context<'a>,
    sticky: Option<&'a Sticky>,
}

impl<'a> Subject<'a> {
    /// A subject without sticky state.
    ///
    /// # Errors
    ///
    /// A key that is empty or longer than [`MAX_USER_KEY_BYTES`].
    pub fn new(user_key: &'a str, context: &'a Context<'a>) -> Result<Self, InvalidUserKey> {
        if user_key.is_empty() || user_key.len() > MAX_USER_KEY_BYTES {
            return Err(InvalidUserKey { bytes: user_key.len() });
        }
        Ok(Self { user_key: Value::String(Cow::Borrowed(user_key)), context, sticky: None })
    }

    /// The same subject with what it was given before. Sticky state bypasses targeting: take it
    /// only from storage you control or with a valid signature.
    pub fn with_sticky(mut self, sticky: &'a Sticky) -> Self {
        self.sticky = Some(sticky);
        self
    }

    /// The key.
    pub fn user_key(&self) -> &str {
        self.user_key.as_str().unwrap_or_default()
    }

    pub(crate) fn user_key_value(&self) -> &Value<'a> {
        &self.user_key
    }

    pub(crate) fn context(&self) -> &'a Context<'a> {
        self.context
    }

    pub(crate) fn sticky(&self) -> Option<&'a Sticky> {
        self.sticky
    }
}

/// A user key of an impossible length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidUserKey {
    /// How long it is.
    pub bytes: usize,
}

impl fmt::Display for InvalidUserKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the user key must be 1 to {MAX_USER_KEY_BYTES} bytes of UTF-8; this one has {}",
            self.bytes
        )
    }
}

impl core::error::Error for InvalidUserKey {}
