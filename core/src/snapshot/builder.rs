//! Fills the tables: interns attributes and conditions, serialises fragments.

use alloc::boxed::Box;
use alloc::vec::Vec;

use hashbrown::HashMap;

use super::hasher::Murmur3Build;
use super::tables::{Extras, Rows, Span, Tables, Variant};
use crate::json::{is_plain, push_json_string};
use crate::targeting::{Attribute, AttributeId, Condition, Operator, Test, USER_KEY};

/// Tables in the making.
pub(crate) struct Builder<'a> {
    pub(crate) tables: Tables,
    attributes: HashMap<Box<str>, AttributeId, Murmur3Build>,
    conditions: HashMap<ConditionKey<'a>, u32, Murmur3Build>,
}

/// What makes two conditions the same one. Operands compare as text: the publisher writes equal
/// ones alike, and a miss only costs an evaluation.
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct ConditionKey<'a> {
    pub(crate) attribute: AttributeId,
    pub(crate) operator: Operator,
    pub(crate) negated: bool,
    pub(crate) operand: Option<&'a str>,
    pub(crate) ignore_case: bool,
}

impl<'a> Builder<'a> {
    pub(crate) fn new() -> Self {
        let mut builder = Self {
            tables: Tables::default(),
            attributes: HashMap::default(),
            conditions: HashMap::default(),
        };
        builder.attribute(USER_KEY);
        builder
    }

    /// The attribute of this name, added when it is new.
    pub(crate) fn attribute(&mut self, name: &str) -> AttributeId {
        if let Some(id) = self.attributes.get(name) {
            return *id;
        }
        let id = AttributeId(self.tables.attributes.len() as u32);
        self.tables.attributes.push(Attribute::new(name));
        self.attributes.insert(name.into(), id);
        id
    }

    /// The condition of this key, if there is one already.
    pub(crate) fn known_condition(&self, key: &ConditionKey<'a>) -> Option<u32> {
        self.conditions.get(key).copied()
    }

    /// The condition of this key, added when it is new.
    pub(crate) fn condition(&mut self, key: ConditionKey<'a>, test: Test) -> u32 {
        let (attribute, negated) = (key.attribute, key.negated);
        *self.conditions.entry(key).or_insert_with(|| {
            self.tables.conditions.push(Condition { attribute, negated, test });
            self.tables.conditions.len() as u32 - 1
        })
    }

    /// Adds what an experiment has beyond the usual, if it has any of it.
    pub(crate) fn extras(&mut self, extras: Extras) -> u32 {
        if extras == Extras::default() {
            return 0;
        }
        self.tables.extras.push(extras);
        self.tables.extras.len() as u32
    }

    /// Adds text.
    pub(crate) fn text(&mut self, text: &str) -> Span {
        let start = self.tables.text.len() as u32;
        self.tables.text.push_str(text);
        Span { start, end: self.tables.text.len() as u32 }
    }

    /// Adds an experiment's fragment: its key, its identifier, and the fragment that holds both.
    pub(crate) fn experiment_fragment(&mut self, key: &str, id: &str) -> (Span, Span, Span) {
        let (escaped_key, escaped_id) = (self.text_to_escape(key), self.text_to_escape(id));
        let start = self.tables.text.len() as u32;
        self.tables.text.push_str("{\"experiment_key\":");
        let key = self.json_string(key);
        self.tables.text.push_str(",\"experiment_id\":");
        let id = self.json_string(id);
        self.tables.text.push(',');
        let fragment = Span { start, end: self.tables.text.len() as u32 };
        (escaped_key.unwrap_or(key), escaped_id.unwrap_or(id), fragment)
    }

    /// Adds a variant with its fragment.
    pub(crate) fn variant(&mut self, key: &str, id: &str, payload: &str) {
        let (escaped_key, escaped_id) = (self.text_to_escape(key), self.text_to_escape(id));
        let start = self.tables.text.len() as u32;
        self.tables.text.push_str("\"variant_key\":");
        let key = self.json_string(key);
        self.tables.text.push_str(",\"variant_id\":");
        let id = self.json_string(id);
        self.tables.text.push_str(",\"payload\":");
        let Span { start: payload, end } = self.text(payload);
        let fragment = Span { start, end };
        let (key, id) = (escaped_key.unwrap_or(key), escaped_id.unwrap_or(id));
        self.tables.variants.push(Variant { key, id, payload, fragment });
    }

    /// Names stand once, inside their fragment, unless JSON has to escape them: then here as well.
    fn text_to_escape(&mut self, text: &str) -> Option<Span> {
        (!is_plain(text)).then(|| self.text(text))
    }

    /// Appends a JSON string; the span is what stands between the quotes.
    fn json_string(&mut self, text: &str) -> Span {
        let start = self.tables.text.len() as u32 + 1;
        push_json_string(&mut self.tables.text, text);
        Span { start, end: self.tables.text.len() as u32 - 1 }
    }
}

/// Appends rows to a table and says which they are.
pub(crate) fn append<T>(table: &mut Vec<T>, rows: impl IntoIterator<Item = T>) -> Rows {
    let start = table.len() as u32;
    table.extend(rows);
    Rows { start, end: table.len() as u32 }
}
