//! The check before publishing: all that a reader would stumble over, and what no reader minds but
//! nobody should write.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use hashbrown::HashMap;

use super::hasher::Murmur3Build;
use super::read::{Entry, Header, Reader, document_text};
use super::references::{Node as Reference, grounded};
use super::tables::{Experiment, Layer, Rows};
use crate::bucketing::BUCKETS;
use crate::document::node::Node;
use crate::document::shape::DOCUMENT;
use crate::document::{is_environment_name, is_key};
use crate::fault::Fault;
use crate::faults::Path;
use crate::subject::MAX_USER_KEY_BYTES;
use crate::targeting::is_instant;

/// How many experiments a chain of prerequisites may lead through.
const MAX_PREREQUISITE_CHAIN: usize = 32;

/// Every fault that keeps a document from being published, each with its place. Empty: publish.
///
/// Stricter than [`Snapshot::load`](super::Snapshot::load): unknown and repeated fields, malformed
/// names, expressions whose compiled form is over 1 MiB, salts used twice, groups that contradict
/// themselves, and prerequisites in a cycle or over 32 deep are faults here too.
pub fn check(document: &[u8]) -> Vec<Fault> {
    let text = match document_text(document) {
        Ok(text) => text,
        Err(fault) => return alloc::vec![fault],
    };
    let root = Node::read(text, &DOCUMENT);
    let mut reader = Reader::new(true);
    if let Some(header) = reader.header(&root) {
        reader.check_header(&header);
        let entries = reader.sorted_experiments(header.experiments);
        reader.segments(header.segments);
        reader.experiments(&entries);
        reader.check_order(&entries);
        for (row, entry) in entries.iter().enumerate() {
            let experiments = Path::ROOT.name("experiments");
            reader.check_names(row, entry, &experiments.index(entry.place));
        }
        reader.check_prerequisites(&entries);
        reader.check_layers(&entries);
    }
    reader.faults.into_list()
}

/// Where a salt or a group was seen first.
type Seen<V> = HashMap<String, V, Murmur3Build>;

impl<'a> Reader<'a> {
    fn check_header(&mut self, header: &Header<'_, 'a>) {
        if !is_environment_name(header.environment) {
            let detail = "an environment's name is 1 to 63 of a-z, 0-9 and -, and does not begin with -";
            self.faults.add(&Path::ROOT.name("environment"), "invalid_name", detail);
        }
        if !is_instant(header.published_at) {
            self.faults.add(
                &Path::ROOT.name("published_at"),
                "invalid_date",
                "expected an RFC 3339 date-time",
            );
        }
    }

    fn check_order(&mut self, entries: &[Entry<'_, 'a>]) {
        if entries.windows(2).any(|pair| matches!(pair, [a, b] if a.place > b.place && a.key != b.key)) {
            self.faults.add(&Path::ROOT.name("experiments"), "not_sorted", "experiments are sorted by key");
        }
    }

    fn check_names(&mut self, row: usize, entry: &Entry<'_, 'a>, path: &Path<'_>) {
        let tables = &self.builder.tables;
        if !is_key(entry.key) {
            self.faults.add(&path.name("key"), "invalid_key", KEY_RULE);
        }
        let Some(row) = tables.experiments.get(row) else { return };
        let variants = path.name("variants");
        for (index, variant) in row.variants.of(&tables.variants).iter().enumerate() {
            if !is_key(tables.text(variant.key)) {
                self.faults.add(&variants.index(index).name("key"), "invalid_key", KEY_RULE);
            }
        }
        let overrides = path.name("overrides");
        for entry in tables.extras(row).overrides.of(&tables.overrides) {
            let user_key = tables.text(entry.user_key);
            if user_key.is_empty() || user_key.len() > MAX_USER_KEY_BYTES {
                let detail = format!("a user key has 1 to {MAX_USER_KEY_BYTES} bytes");
                self.faults.add(&overrides.name(user_key), "invalid_user_key", detail);
            }
        }
    }

    fn check_prerequisites(&mut self, entries: &[Entry<'_, 'a>]) {
        let tables = &self.builder.tables;
        let references: Vec<Reference> = tables
            .experiments
            .iter()
            .map(|row| {
                let rows = tables.extras(row).prerequisites.of(&tables.prerequisites);
                let mut leads_to: Vec<u32> = rows.iter().filter_map(|row| row.experiment).collect();
                leads_to.sort_unstable();
                leads_to.dedup();
                Reference { is_sound: true, leads_to }
            })
            .collect();
        let list = Path::ROOT.name("experiments");
        for (entry, is_grounded) in entries.iter().zip(grounded(&references, MAX_PREREQUISITE_CHAIN)) {
            if !is_grounded {
                let detail =
                    format!("these lead back to themselves, or through over {MAX_PREREQUISITE_CHAIN} others");
                self.faults.add(
                    &list.index(entry.place).name("prerequisites"),
                    "endless_prerequisites",
                    detail,
                );
            }
        }
    }

    /// Salts are distinct across experiments, groups and holdouts; the members of a group agree on
    /// it and share out its buckets; a holdout is the same wherever it stands.
    fn check_layers(&mut self, entries: &[Entry<'_, 'a>]) {
        let rows: Vec<Experiment> = self.builder.tables.experiments.clone();
        let list = Path::ROOT.name("experiments");
        let mut salts = Seen::default();
        let mut groups: Seen<Vec<Layer>> = Seen::default();
        let mut holdouts: Seen<Layer> = Seen::default();
        for (row, entry) in rows.iter().zip(entries) {
            let path = list.index(entry.place);
            if let Some(bucketing) = row.bucketing {
                let salt = self.builder.tables.text(bucketing.salt).to_string();
                self.check_salt(&mut salts, salt, &format!("experiment {}", entry.key), &path.name("salt"));
            }
            let extras = *self.builder.tables.extras(row);
            let layers = &self.builder.tables.layers;
            let group = extras.group.and_then(|group| layers.get(group as usize).copied());
            let held: Vec<Layer> = extras.holdouts.of(layers).to_vec();
            if let Some(group) = group {
                self.check_group(&mut salts, &mut groups, group, &path.name("group"));
            }
            for (index, holdout) in held.into_iter().enumerate() {
                self.check_holdout(&mut salts, &mut holdouts, holdout, &path.name("holdouts").index(index));
            }
        }
    }

    fn check_salt(&mut self, salts: &mut Seen<String>, salt: String, owner: &str, path: &Path<'_>) {
        if salt.is_empty() {
            self.faults.add(path, "empty_salt", "a salt must not be empty");
            return;
        }
        let first = salts.entry(salt).or_insert_with(|| owner.to_string());
        if *first != owner {
            self.faults.add(path, "duplicate_salt", format!("{first} has the same salt"));
        }
    }

    fn check_group(
        &mut self,
        salts: &mut Seen<String>,
        groups: &mut Seen<Vec<Layer>>,
        group: Layer,
        path: &Path<'_>,
    ) {
        let key = self.builder.tables.text(group.key).to_string();
        let salt = self.builder.tables.text(group.salt).to_string();
        self.check_salt(salts, salt, &format!("group {key}"), &path.name("salt"));
        self.check_ranges(group.ranges, path);
        let members = groups.entry(key).or_default();
        if members.iter().any(|other| !self.is_same_layer(*other, group)) {
            let detail = "another experiment has this group with another salt or bucket_by";
            self.faults.add(path, "group_differs", detail);
        }
        let clashes = |other: &Layer| self.overlap(other.ranges, group.ranges);
        if members
            .iter()
            .any(|other| clashes(other) && !(self.is_everyone(*other) && self.is_everyone(group)))
        {
            let detail = "another experiment of the group holds some of these buckets";
            self.faults.add(&path.name("ranges"), "overlapping_ranges", detail);
        }
        members.push(group);
    }

    fn check_holdout(
        &mut self,
        salts: &mut Seen<String>,
        holdouts: &mut Seen<Layer>,
        holdout: Layer,
        path: &Path<'_>,
    ) {
        let key = self.builder.tables.text(holdout.key).to_string();
        let salt = self.builder.tables.text(holdout.salt).to_string();
        self.check_salt(salts, salt, &format!("holdout {key}"), &path.name("salt"));
        self.check_ranges(holdout.ranges, path);
        let first = *holdouts.entry(key).or_insert(holdout);
        let ranges = &self.builder.tables.layer_ranges;
        if !self.is_same_layer(first, holdout) || first.ranges.of(ranges) != holdout.ranges.of(ranges) {
            let detail = "another experiment has this holdout with another salt, bucket_by or ranges";
            self.faults.add(path, "holdout_differs", detail);
        }
    }

    fn check_ranges(&mut self, ranges: Rows, path: &Path<'_>) {
        let mut sorted = ranges.of(&self.builder.tables.layer_ranges).to_vec();
        sorted.sort_by_key(|range| range.start);
        if sorted.windows(2).any(|pair| matches!(pair, [a, b] if b.start <= a.end)) {
            self.faults.add(&path.name("ranges"), "overlapping_ranges", "these ranges overlap each other");
        }
    }

    fn is_same_layer(&self, a: Layer, b: Layer) -> bool {
        a.bucket_by == b.bucket_by && self.builder.tables.text(a.salt) == self.builder.tables.text(b.salt)
    }

    /// Whether a layer has every bucket: the members of a group that all do so exclude each other by
    /// sticky state alone, first come, first served.
    fn is_everyone(&self, layer: Layer) -> bool {
        let ranges = layer.ranges.of(&self.builder.tables.layer_ranges);
        matches!(ranges, [range] if range.start == 0 && range.end == BUCKETS - 1)
    }

    fn overlap(&self, a: Rows, b: Rows) -> bool {
        let table = &self.builder.tables.layer_ranges;
        a.of(table).iter().any(|a| b.of(table).iter().any(|b| a.start <= b.end && b.start <= a.end))
    }
}

const KEY_RULE: &str = "a key is 1 to 128 of A-Z, a-z, 0-9, . _ and -, and begins with a letter or a digit";
