//! Reading segments, and finding out which can be evaluated.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use hashbrown::HashMap;

use super::Reader;
use crate::document::node::Node;
use crate::faults::Path;
use crate::snapshot::hasher::Murmur3Build;
use crate::snapshot::references::{self, MAX_NESTING, grounded};
use crate::snapshot::tables::{Rows, Segment};
use crate::targeting::Test;

impl<'a> Reader<'a> {
    /// Reads all segments and finds out which can be evaluated.
    pub(crate) fn segments(&mut self, nodes: &[(Cow<'a, str>, Node<'a>)]) {
        let list = Path::ROOT.name("segments");
        let nodes = self.last_of_each_name(nodes, &list);
        for (name, _) in &nodes {
            let index = self.segment_names.len() as u32;
            self.segment_names.insert(name.clone(), index);
        }
        let mut readings = Vec::with_capacity(nodes.len());
        let mut ask_expressions = Vec::with_capacity(nodes.len());
        for (name, node) in &nodes {
            let path = list.name(name);
            let faults_before = self.faults.count();
            let first_condition = self.builder.tables.rule_conditions.len();
            let rules = match node {
                Node::Array(rules) => self.targeting_rules(rules, &path),
                other => {
                    self.wrong_type(other, &path, "an array of rules");
                    Rows::default()
                }
            };
            let name = self.builder.text(name);
            self.builder.tables.segments.push(Segment { name, rules });
            let conditions = self.conditions_since(first_condition);
            let leads_to = self.builder.tables.segments_named(conditions.iter());
            ask_expressions.push(conditions.iter().any(|condition| self.asks_expression(*condition)));
            readings.push(references::Node { is_sound: self.faults.count() == faults_before, leads_to });
        }
        self.evaluable_segments = grounded(&readings, MAX_NESTING);
        for ((name, _), (reading, evaluable)) in
            nodes.iter().zip(readings.iter().zip(self.evaluable_segments.clone()))
        {
            if reading.is_sound && !evaluable {
                let detail = "the segment leads to a broken one, to itself, or through too many others";
                self.faults.add(&list.name(name), "segment_not_evaluable", detail);
            }
        }
        for (reading, asks_expression) in readings.iter_mut().zip(ask_expressions) {
            reading.is_sound &= !asks_expression;
        }
        self.plain_segments = grounded(&readings, MAX_NESTING);
        // Nothing supported leads to the others; without rules they lead nowhere, in no circle either.
        for (segment, evaluable) in self.builder.tables.segments.iter_mut().zip(&self.evaluable_segments) {
            if !evaluable {
                segment.rules = Rows::default();
            }
        }
    }

    /// Of members with one name the last, as everywhere; read strictly, there is only one.
    fn last_of_each_name<'n>(
        &mut self,
        members: &'n [(Cow<'a, str>, Node<'a>)],
        path: &Path<'_>,
    ) -> Vec<&'n (Cow<'a, str>, Node<'a>)> {
        let mut places: HashMap<&str, usize, Murmur3Build> = HashMap::default();
        for (place, (name, _)) in members.iter().enumerate() {
            if places.insert(name, place).is_some() && self.is_strict {
                self.faults.add(&path.name(name), "duplicate_field", "this field stands twice");
            }
        }
        let is_last = |(place, (name, _)): &(usize, &'n (Cow<'a, str>, Node<'a>))| {
            places.get(&**name).is_some_and(|last| last == place)
        };
        members.iter().enumerate().filter(is_last).map(|(_, member)| member).collect()
    }

    fn conditions_since(&self, first_condition: usize) -> &[u32] {
        self.builder.tables.rule_conditions.get(first_condition..).unwrap_or_default()
    }

    /// Whether conditions read since need regular expressions, themselves or through segments.
    pub(crate) fn need_regex_since(&self, first_condition: usize) -> bool {
        let conditions = self.conditions_since(first_condition);
        let is_plain = |segment: &u32| self.plain_segments.get(*segment as usize) == Some(&true);
        conditions.iter().any(|condition| self.asks_expression(*condition))
            || !self.builder.tables.segments_named(conditions.iter()).iter().all(is_plain)
    }

    fn asks_expression(&self, condition: u32) -> bool {
        let condition = self.builder.tables.conditions.get(condition as usize);
        condition.is_some_and(|condition| matches!(condition.test, Test::Matches(_)))
    }
}
