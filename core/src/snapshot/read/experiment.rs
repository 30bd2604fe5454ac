//! Reading an experiment.

use alloc::vec::Vec;

use super::{Entry, Fields, Reader};
use crate::bucketing::HashAlgorithm;
use crate::document::node::Node;
use crate::document::shape::{EXPERIMENT, PREREQUISITE, VARIANT};
use crate::faults::Path;
use crate::snapshot::builder::append;
use crate::snapshot::index::KeyIndex;
use crate::snapshot::tables::{
    Bucketing, Experiment, Extras, Override, Prerequisite, Rows, Span, Status, Support,
};
use crate::targeting::AttributeId;

impl<'a> Reader<'a> {
    /// Reads an experiment into the tables. If anything about it is at fault it is unsupported, but
    /// what can be read still is: its siblings and the explanation ask for it.
    pub(crate) fn experiment(&mut self, entry: &Entry<'_, 'a>, path: &Path<'_>) {
        let faults_before = self.faults.count();
        let first_condition = self.builder.tables.rule_conditions.len();
        let Some(fields) = self.object(entry.node, path, &EXPERIMENT) else { return };
        let id = fields.required_string(&mut self.faults, "id").unwrap_or_default();
        let (key, id, fragment) = self.builder.experiment_fragment(entry.key, id);
        let status = self.status(&fields);
        let bucketing = self.bucketing(&fields);
        let sticky = fields.optional_bool(&mut self.faults, "sticky").unwrap_or_default();
        let variants = self.variants(&fields);
        let allocations = fields.required_array(&mut self.faults, "allocations").unwrap_or_default();
        let allocations = self.allocations(allocations, &path.name("allocations"), variants);
        let targeting = fields.optional_array(&mut self.faults, "targeting_rules");
        let targeting = self.targeting_rules(targeting, &path.name("targeting_rules"));
        let deliveries = fields.optional_array(&mut self.faults, "rules");
        let deliveries = self.delivery_rules(deliveries, &path.name("rules"), variants);
        let overrides = self.overrides(&fields, variants);
        let prerequisites = self.prerequisites(&fields);
        let group = fields.optional("group").and_then(|node| self.layer(node, &path.name("group")));
        let holdouts = self.holdouts(&fields);
        let winner = fields.optional_string(&mut self.faults, "winner").and_then(|winner| {
            // Only a concluded experiment needs one; otherwise it is a leftover.
            let index = self.builder.tables.variant_index(variants, winner);
            if index.is_none() && (status == Status::Concluded || self.is_strict) {
                self.variant(winner, &path.name("winner"), variants);
            }
            index
        });
        if status == Status::Concluded && fields.optional("winner").is_none() {
            self.faults.add(&path.name("winner"), "missing", "a concluded experiment needs a winner");
        }
        let needs_regex = self.requires(&fields) || self.need_regex_since(first_condition);
        let support = match self.faults.count() == faults_before {
            true if needs_regex => Support::Regex,
            true => Support::Every,
            false => Support::None,
        };
        let extras = Extras { deliveries, overrides, prerequisites, holdouts, group, winner };
        let extras = self.builder.extras(extras);
        self.builder.tables.experiments.push(Experiment {
            key,
            id,
            fragment,
            status,
            support,
            sticky,
            bucketing,
            variants,
            allocations,
            targeting,
            extras,
        });
    }

    fn status(&mut self, fields: &Fields<'_, 'a, '_>) -> Status {
        match fields.required_string(&mut self.faults, "status") {
            Some("RUNNING") => Status::Running,
            Some("CONCLUDED") => Status::Concluded,
            Some(_) => {
                let detail = "a published experiment is RUNNING or CONCLUDED";
                self.faults.add(&fields.path.name("status"), "unknown_status", detail);
                Status::Unknown
            }
            None => Status::Unknown,
        }
    }

    fn bucketing(&mut self, fields: &Fields<'_, 'a, '_>) -> Option<Bucketing> {
        let hash = fields.required_string(&mut self.faults, "hash").and_then(|name| {
            let hash = HashAlgorithm::from_name(name);
            if hash.is_none() {
                let detail = "known are murmur3 and fnv1a64";
                self.faults.add(&fields.path.name("hash"), "unknown_hash", detail);
            }
            hash
        });
        let salt = fields.required_string(&mut self.faults, "salt");
        let by = match fields.optional("bucket_by") {
            None => Some(AttributeId::USER_KEY),
            Some(_) => {
                fields.optional_string(&mut self.faults, "bucket_by").map(|name| self.builder.attribute(name))
            }
        };
        Some(Bucketing { hash: hash?, by: by?, salt: self.builder.text(salt?) })
    }

    fn variants(&mut self, fields: &Fields<'_, 'a, '_>) -> Rows {
        let nodes = fields.required_array(&mut self.faults, "variants").unwrap_or_default();
        let list = fields.path.name("variants");
        let start = self.builder.tables.variants.len() as u32;
        let rows = |reader: &Self| Rows { start, end: reader.builder.tables.variants.len() as u32 };
        for (index, node) in nodes.iter().enumerate() {
            let path = list.index(index);
            let Some(fields) = self.object(node, &path, &VARIANT) else { continue };
            let key = fields.required_string(&mut self.faults, "key");
            let id = fields.required_string(&mut self.faults, "id").unwrap_or_default();
            let payload = match fields.optional("payload") {
                Some(Node::Text(text)) => *text,
                _ => "null",
            };
            let Some(key) = key else { continue };
            if self.builder.tables.variant_index(rows(self), key).is_some() {
                self.faults.add(
                    &path.name("key"),
                    "duplicate_variant",
                    "the experiment has a variant of this key",
                );
            }
            self.builder.variant(key, id, payload);
        }
        // Variants are counted in 16 bits; the document limit allows more, nobody needs them.
        if nodes.len() > usize::from(u16::MAX) {
            self.faults.add(&list, "too_many_variants", "an experiment has at most 65,535 variants");
        }
        rows(self)
    }

    fn overrides(&mut self, fields: &Fields<'_, 'a, '_>, variants: Rows) -> Rows {
        let path = fields.path.name("overrides");
        let Some(node) = fields.optional("overrides") else { return Rows::default() };
        let members = self.object_members(node, &path).unwrap_or_default();
        let mut overrides = Vec::with_capacity(members.len());
        for (user_key, node) in members {
            match node {
                // One that names no variant is left from an earlier edit, and ignored.
                Node::String(key) => {
                    let variant = self.builder.tables.variant_index(variants, key);
                    overrides.extend(variant.map(|variant| (&**user_key, variant)));
                }
                other => self.wrong_type(other, &path.name(user_key), "the key of a variant"),
            }
        }
        // Of two for one user key the later counts, as everywhere.
        overrides.reverse();
        overrides.sort_by(|a, b| a.0.cmp(b.0));
        let is_repeated = |pair: &[(&str, u16)]| matches!(pair, [a, b] if a.0 == b.0);
        if self.is_strict && overrides.windows(2).any(is_repeated) {
            self.faults.add(&path, "duplicate_field", "a user key stands twice");
        }
        overrides.dedup_by(|later, first| later.0 == first.0);
        let start = self.builder.tables.overrides.len() as u32;
        for (user_key, variant) in overrides {
            let user_key = self.builder.text(user_key);
            self.builder.tables.overrides.push(Override { user_key, variant });
        }
        Rows { start, end: self.builder.tables.overrides.len() as u32 }
    }

    fn holdouts(&mut self, fields: &Fields<'_, 'a, '_>) -> Rows {
        let nodes = fields.optional_array(&mut self.faults, "holdouts");
        let list = fields.path.name("holdouts");
        let start = self.builder.tables.layers.len() as u32;
        for (index, node) in nodes.iter().enumerate() {
            self.layer(node, &list.index(index));
        }
        Rows { start, end: self.builder.tables.layers.len() as u32 }
    }

    /// Checks prerequisites; they are resolved when all experiments are known.
    fn prerequisites(&mut self, fields: &Fields<'_, 'a, '_>) -> Rows {
        let nodes = fields.optional_array(&mut self.faults, "prerequisites");
        let list = fields.path.name("prerequisites");
        let mut prerequisites = Vec::with_capacity(nodes.len());
        for (index, node) in nodes.iter().enumerate() {
            let path = list.index(index);
            let Some(fields) = self.object(node, &path, &PREREQUISITE) else { continue };
            let key = fields.required_string(&mut self.faults, "experiment").unwrap_or_default();
            let variants = fields.required_array(&mut self.faults, "variants").unwrap_or_default();
            for (index, variant) in variants.iter().enumerate() {
                if !matches!(variant, Node::String(_)) {
                    let path = path.name("variants");
                    self.wrong_type(variant, &path.index(index), "the key of a variant");
                }
            }
            let key = self.builder.text(key);
            prerequisites.push(Prerequisite { key, experiment: None, accepted: Rows::default() });
        }
        append(&mut self.builder.tables.prerequisites, prerequisites)
    }

    /// Finds the experiments and variants that prerequisites name.
    pub(crate) fn resolve_prerequisites(&mut self, entries: &[Entry<'_, 'a>]) {
        if self.builder.tables.prerequisites.is_empty() {
            return;
        }
        let index = KeyIndex::new(&self.builder.tables);
        for (row, entry) in entries.iter().enumerate() {
            let Some(experiment) = self.builder.tables.experiments.get(row).copied() else { continue };
            if !experiment.is_supported() {
                continue;
            }
            let Node::Object(members) = entry.node else { continue };
            let fields = Fields { members, path: &Path::ROOT };
            let nodes = fields.optional_array(&mut self.faults, "prerequisites");
            for (row, node) in
                (self.builder.tables.extras(&experiment).prerequisites.start as usize..).zip(nodes)
            {
                self.resolve_prerequisite(&index, row, node);
            }
        }
    }

    fn resolve_prerequisite(&mut self, index: &KeyIndex, row: usize, node: &Node<'a>) {
        let tables = &mut self.builder.tables;
        let key = tables.prerequisites.get(row).map_or(Span::default(), |prerequisite| prerequisite.key);
        let found = index.find(tables, tables.text(key));
        let Some(target) = found.and_then(|found| tables.experiment(found)) else { return };
        let Node::Object(members) = node else { return };
        let names = Fields { members, path: &Path::ROOT }.optional_array(&mut self.faults, "variants");
        let named = names.iter().filter_map(|name| match name {
            Node::String(name) => tables.variant_index(target.variants, name),
            _ => None,
        });
        let named: Vec<u16> = named.collect();
        let accepted = append(&mut tables.accepted, named);
        if let Some(prerequisite) = tables.prerequisites.get_mut(row) {
            prerequisite.experiment = found;
            prerequisite.accepted = accepted;
        }
    }
}
