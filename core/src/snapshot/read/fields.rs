//! Typed access to the members of an object, noting what is missing or of the wrong type.

use alloc::borrow::Cow;
use alloc::format;

use super::Reader;
use crate::document::node::Node;
use crate::document::shape::Shape;
use crate::faults::{Faults, Path};

/// The members of an object and where it stands. Null counts as absent; of two members with one
/// name the later counts, as in most JSON readers.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'n, 'a, 'p> {
    pub(crate) members: &'n [(Cow<'a, str>, Node<'a>)],
    pub(crate) path: &'p Path<'p>,
}

impl<'n, 'a> Fields<'n, 'a, '_> {
    pub(crate) fn optional(&self, name: &str) -> Option<&'n Node<'a>> {
        let (_, node) = self.members.iter().rfind(|(key, _)| key == name)?;
        (!node.is_null()).then_some(node)
    }

    fn required(&self, faults: &mut Faults, name: &str) -> Option<&'n Node<'a>> {
        let node = self.optional(name);
        if node.is_none() {
            faults.add(&self.path.name(name), "missing", "this field is required");
        }
        node
    }

    pub(crate) fn required_string(&self, faults: &mut Faults, name: &str) -> Option<&'n str> {
        self.required(faults, name)?;
        self.optional_string(faults, name)
    }

    pub(crate) fn optional_string(&self, faults: &mut Faults, name: &str) -> Option<&'n str> {
        match self.optional(name)? {
            Node::String(string) => Some(string),
            other => wrong_type(faults, other, &self.path.name(name), "a string"),
        }
    }

    pub(crate) fn required_unsigned(&self, faults: &mut Faults, name: &str) -> Option<u64> {
        match self.required(faults, name)? {
            Node::Unsigned(number) => Some(*number),
            other => wrong_type(faults, other, &self.path.name(name), "an integer that is not negative"),
        }
    }

    pub(crate) fn optional_bool(&self, faults: &mut Faults, name: &str) -> Option<bool> {
        match self.optional(name)? {
            Node::Bool(bool) => Some(*bool),
            other => wrong_type(faults, other, &self.path.name(name), "true or false"),
        }
    }

    pub(crate) fn required_array(&self, faults: &mut Faults, name: &str) -> Option<&'n [Node<'a>]> {
        self.required(faults, name)?;
        self.array(faults, name)
    }

    /// Empty when absent.
    pub(crate) fn optional_array(&self, faults: &mut Faults, name: &str) -> &'n [Node<'a>] {
        self.array(faults, name).unwrap_or_default()
    }

    fn array(&self, faults: &mut Faults, name: &str) -> Option<&'n [Node<'a>]> {
        match self.optional(name)? {
            Node::Array(items) => Some(items),
            other => wrong_type(faults, other, &self.path.name(name), "an array"),
        }
    }
}

impl<'a> Reader<'a> {
    /// The members of an object; read strictly, those must be of `shape` and stand once.
    pub(crate) fn object<'n, 'p>(
        &mut self,
        node: &'n Node<'a>,
        path: &'p Path<'p>,
        shape: &Shape,
    ) -> Option<Fields<'n, 'a, 'p>> {
        let members = self.object_members(node, path)?;
        if self.is_strict {
            self.unknown_fields(members, path, shape);
        }
        Some(Fields { members, path })
    }

    pub(crate) fn object_members<'n>(
        &mut self,
        node: &'n Node<'a>,
        path: &Path<'_>,
    ) -> Option<&'n [(Cow<'a, str>, Node<'a>)]> {
        match node {
            Node::Object(members) => Some(members),
            other => wrong_type(&mut self.faults, other, path, "an object"),
        }
    }

    pub(crate) fn unknown_fields(
        &mut self,
        members: &[(Cow<'a, str>, Node<'a>)],
        path: &Path<'_>,
        shape: &Shape,
    ) {
        for (index, (name, _)) in members.iter().enumerate() {
            let is_repeated = members.iter().take(index).any(|(earlier, _)| earlier == name);
            if is_repeated {
                self.faults.add(&path.name(name), "duplicate_field", "this field stands twice");
            } else if !shape.knows(name) {
                self.faults.add(&path.name(name), "unknown_field", "there is no field of this name here");
            }
        }
    }

    pub(crate) fn wrong_type(&mut self, node: &Node<'a>, path: &Path<'_>, wanted: &str) {
        wrong_type::<()>(&mut self.faults, node, path, wanted);
    }
}

fn wrong_type<T>(faults: &mut Faults, node: &Node<'_>, path: &Path<'_>, wanted: &str) -> Option<T> {
    match node {
        Node::Broken(error) => faults.add(path, "unreadable", error),
        other => faults.add(path, "wrong_type", format!("expected {wanted}, found {}", other.kind())),
    }
    None
}
