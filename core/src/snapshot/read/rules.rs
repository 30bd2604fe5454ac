//! Reading rules and conditions.

use alloc::borrow::Cow;
use alloc::format;
use alloc::vec::Vec;

use super::{Fields, Reader};
use crate::document::node::Node;
use crate::document::shape::{CONDITION, DELIVERY, RULE};
use crate::faults::Path;
use crate::snapshot::builder::{ConditionKey, append};
use crate::snapshot::tables::{Delivery, Outcome, Rows};
use crate::targeting::{AttributeId, MAX_COMPILED_BYTES, MAX_READ_BYTES, Operator, Test, compile_test};

impl<'a> Reader<'a> {
    /// Reads rules of targeting or of a segment.
    pub(crate) fn targeting_rules(&mut self, nodes: &[Node<'a>], path: &Path<'_>) -> Rows {
        let mut rules = Vec::with_capacity(nodes.len());
        for (index, node) in nodes.iter().enumerate() {
            let path = path.index(index);
            if let Some(fields) = self.object(node, &path, &RULE) {
                rules.push(self.conditions(&fields));
            }
        }
        append(&mut self.builder.tables.rules, rules)
    }

    /// Reads delivery rules of an experiment with these variants.
    pub(crate) fn delivery_rules(&mut self, nodes: &[Node<'a>], path: &Path<'_>, variants: Rows) -> Rows {
        let mut deliveries = Vec::with_capacity(nodes.len());
        for (index, node) in nodes.iter().enumerate() {
            let path = path.index(index);
            let Some(fields) = self.object(node, &path, &DELIVERY) else { continue };
            let conditions = self.conditions(&fields);
            if let Some(outcome) = self.outcome(&fields, variants) {
                deliveries.push(Delivery { conditions, outcome });
            }
        }
        append(&mut self.builder.tables.deliveries, deliveries)
    }

    fn outcome(&mut self, fields: &Fields<'_, 'a, '_>, variants: Rows) -> Option<Outcome> {
        match (fields.optional("variant"), fields.optional("allocations")) {
            (Some(_), None) => {
                let key = fields.optional_string(&mut self.faults, "variant")?;
                self.variant(key, &fields.path.name("variant"), variants).map(Outcome::Variant)
            }
            (None, Some(_)) => {
                let nodes = fields.optional_array(&mut self.faults, "allocations");
                Some(Outcome::Split(self.allocations(nodes, &fields.path.name("allocations"), variants)))
            }
            _ => {
                let detail = "a rule delivers either a variant or allocations, and exactly one of them";
                self.faults.add(fields.path, "variant_or_allocations", detail);
                None
            }
        }
    }

    /// The index of a variant that must exist.
    pub(crate) fn variant(&mut self, key: &str, path: &Path<'_>, variants: Rows) -> Option<u16> {
        let index = self.builder.tables.variant_index(variants, key);
        if index.is_none() {
            self.faults.add(path, "unknown_variant", format!("the experiment has no variant {key:?}"));
        }
        index
    }

    fn conditions(&mut self, fields: &Fields<'_, 'a, '_>) -> Rows {
        let nodes = fields.required_array(&mut self.faults, "conditions").unwrap_or_default();
        let list = fields.path.name("conditions");
        let start = self.builder.tables.rule_conditions.len() as u32;
        for (index, node) in nodes.iter().enumerate() {
            if let Some(condition) = self.condition(node, &list.index(index)) {
                self.builder.tables.rule_conditions.push(condition);
            }
        }
        Rows { start, end: self.builder.tables.rule_conditions.len() as u32 }
    }

    /// Reads a condition; `None` when something about it is not understood.
    fn condition(&mut self, node: &Node<'a>, path: &Path<'_>) -> Option<u32> {
        let members = self.object_members(node, path)?;
        let faults_before = self.faults.count();
        // Unlike elsewhere, a field that a host does not know here could change what it means.
        self.unknown_fields(members, path, &CONDITION);
        let fields = Fields { members, path };
        let name = fields.required_string(&mut self.faults, "operator");
        let known = name.and_then(Operator::from_name);
        if let (Some(name), None) = (name, known) {
            self.faults.add(
                &path.name("operator"),
                "unknown_operator",
                format!("there is no operator {name:?}"),
            );
        }
        let (operator, negated) = known?;
        let attribute = match operator {
            Operator::InSegment => AttributeId::USER_KEY,
            _ => {
                let name = fields.required_string(&mut self.faults, "attribute");
                name.map_or(AttributeId::USER_KEY, |name| self.builder.attribute(name))
            }
        };
        let ignore_case = self.ignore_case(&fields, operator);
        let operand = match fields.optional("value") {
            Some(Node::Text(text)) if operator != Operator::Exists => Some(*text),
            _ => None,
        };
        let key = ConditionKey { attribute, operator, negated, operand, ignore_case };
        // A segment may have turned out broken since the same condition was read inside a segment.
        let known = match operator {
            Operator::InSegment => None,
            _ => self.builder.known_condition(&key),
        };
        let test = match known {
            Some(_) => None,
            None => self.test(&key, path),
        };
        if self.faults.count() > faults_before {
            return None;
        }
        known.or_else(|| test.map(|test| self.builder.condition(key, test)))
    }

    fn ignore_case(&mut self, fields: &Fields<'_, 'a, '_>, operator: Operator) -> bool {
        // Looked up without the rule that null counts as absent: null is not a boolean.
        let Some((_, node)) = fields.members.iter().rfind(|(name, _)| name == "ignore_case") else {
            return false;
        };
        let path = fields.path.name("ignore_case");
        match node {
            Node::Bool(ignore_case) if operator.takes_ignore_case() => *ignore_case,
            Node::Bool(_) => {
                self.faults.add(&path, "ignore_case_not_allowed", "this operator has no ignore_case");
                false
            }
            other => {
                self.wrong_type(other, &path, "true or false");
                false
            }
        }
    }

    fn test(&mut self, key: &ConditionKey<'a>, path: &Path<'_>) -> Option<Test> {
        if key.operator == Operator::InSegment {
            return self.segment_test(key.operand, path);
        }
        let max_expression_bytes = if self.is_strict { MAX_COMPILED_BYTES } else { MAX_READ_BYTES };
        match compile_test(
            key.operator,
            key.operand,
            key.ignore_case,
            max_expression_bytes,
            &mut self.builder.tables.symbols,
        ) {
            Ok(test) => Some(test),
            Err(error) => {
                self.faults.add(&path.name("value"), error.code, error.detail);
                None
            }
        }
    }

    fn segment_test(&mut self, operand: Option<&'a str>, path: &Path<'_>) -> Option<Test> {
        let path = path.name("value");
        let name = operand.and_then(|text| serde_json::from_str::<StringValue<'_>>(text).ok());
        let Some(StringValue(name)) = name else {
            self.faults.add(&path, "not_a_string", "the value must be the name of a segment");
            return None;
        };
        let Some(index) = self.segment_names.get(&*name).copied() else {
            self.faults.add(&path, "unknown_segment", format!("there is no segment {name:?}"));
            return None;
        };
        // While the segments themselves are read, none is settled; cycles are found afterwards.
        if self.evaluable_segments.get(index as usize) == Some(&false) {
            self.faults.add(&path, "broken_segment", format!("segment {name:?} cannot be evaluated"));
            return None;
        }
        Some(Test::Segment(index))
    }
}

#[derive(serde::Deserialize)]
struct StringValue<'a>(#[serde(borrow)] Cow<'a, str>);
