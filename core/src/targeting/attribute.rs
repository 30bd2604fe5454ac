//! Names of attributes and how they are looked up.

use alloc::boxed::Box;

use crate::subject::Subject;
use crate::value::{Object, Value};

/// The name under which the subject's own key is an attribute.
pub(crate) const USER_KEY: &str = "user_key";

/// Something that conditions and `bucket_by` ask a subject for.
#[derive(Debug)]
pub(crate) struct Attribute {
    name: Box<str>,
}

impl Attribute {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.into() }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its value, `None` when missing or null: the context's literal key first, and that one wins
    /// even when it is null; then, if there are dots, the path through nested objects.
    pub(crate) fn resolve<'s>(&self, subject: &'s Subject<'_>) -> Option<&'s Value<'s>> {
        if *self.name == *USER_KEY {
            return Some(subject.user_key_value());
        }
        let attributes = subject.context().attributes();
        let value = match attributes.get(&self.name) {
            Some(value) => Some(value),
            None if self.name.contains('.') => resolve_path(attributes, &self.name),
            None => None,
        };
        value.filter(|value| **value != Value::Null)
    }
}

fn resolve_path<'s, 'a>(attributes: &'s Object<'a>, path: &str) -> Option<&'s Value<'a>> {
    let (parents, last) = path.rsplit_once('.')?;
    let mut object = attributes;
    for part in parents.split('.') {
        match object.get(part)? {
            Value::Object(inner) => object = inner,
            _ => return None,
        }
    }
    object.get(last)
}
