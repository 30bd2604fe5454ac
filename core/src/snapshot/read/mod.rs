//! From a document to a snapshot. The same reading serves [`load`] and, more strictly, the check
//! before publishing: what one finds, the other finds.

mod experiment;
mod fields;
mod layers;
mod rules;
mod segments;

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use hashbrown::HashMap;

use super::Snapshot;
use super::builder::Builder;
use super::hasher::Murmur3Build;
use super::index::KeyIndex;
use crate::document::node::Node;
use crate::document::shape::DOCUMENT;
use crate::document::{MAX_DOCUMENT_BYTES, SCHEMA_VERSION};
use crate::fault::Fault;
use crate::faults::{Faults, Path};
pub(super) use fields::Fields;

/// Reads a document as a host does: leniently where only one experiment is harmed.
pub(super) fn load(document: &[u8]) -> Result<Snapshot, Fault> {
    let text = document_text(document)?;
    let root = Node::read(text, &DOCUMENT);
    let mut reader = Reader::new(false);
    let header = reader.header(&root);
    // Whatever is wrong before any experiment is read concerns the whole document.
    let (Some(header), 0) = (header, reader.faults.count()) else {
        return Err(reader.first_fault());
    };
    let experiments = reader.sorted_experiments(header.experiments);
    if reader.faults.count() > 0 {
        return Err(reader.first_fault());
    }
    reader.segments(header.segments);
    reader.experiments(&experiments);
    Ok(reader.finish(&header))
}

/// Text of a document that is small enough and UTF-8.
pub(super) fn document_text(document: &[u8]) -> Result<&str, Fault> {
    let refuse = |code, detail| Fault { pointer: String::new(), code, detail };
    if document.len() > MAX_DOCUMENT_BYTES {
        let detail = format!("{} bytes are over the limit of {MAX_DOCUMENT_BYTES}", document.len());
        return Err(refuse("document_too_large", detail));
    }
    core::str::from_utf8(document).map_err(|error| refuse("not_json", error.to_string()))
}

/// Reads nodes into tables, noting faults.
pub(super) struct Reader<'a> {
    pub(super) builder: Builder<'a>,
    pub(super) faults: Faults,
    /// Whether to note what a host forgives but the publisher must not write.
    pub(super) is_strict: bool,
    segment_names: HashMap<Cow<'a, str>, u32, Murmur3Build>,
    /// Empty while the segments themselves are read.
    evaluable_segments: Vec<bool>,
    /// Those that lead to no regular expression.
    plain_segments: Vec<bool>,
}

/// The members of a document that concern the whole.
pub(super) struct Header<'n, 'a> {
    pub(super) environment: &'n str,
    pub(super) version: u64,
    pub(super) published_at: &'n str,
    pub(super) requires_regex: bool,
    pub(super) segments: &'n [(Cow<'a, str>, Node<'a>)],
    pub(super) experiments: &'n [Node<'a>],
}

/// An experiment to read: its place in the document, key and members.
pub(super) struct Entry<'n, 'a> {
    pub(super) place: usize,
    pub(super) key: &'n str,
    pub(super) node: &'n Node<'a>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(is_strict: bool) -> Self {
        Self {
            builder: Builder::new(),
            faults: Faults::default(),
            is_strict,
            segment_names: HashMap::default(),
            evaluable_segments: Vec::new(),
            plain_segments: Vec::new(),
        }
    }

    fn first_fault(self) -> Fault {
        let unreadable =
            || Fault { pointer: String::new(), code: "not_json", detail: "unreadable".to_string() };
        self.faults.into_list().into_iter().next().unwrap_or_else(unreadable)
    }

    /// Reads what concerns the whole document; all faults noted are reasons to refuse it.
    pub(super) fn header<'n>(&mut self, root: &'n Node<'a>) -> Option<Header<'n, 'a>> {
        if let Node::Broken(error) = root {
            self.faults.add(&Path::ROOT, "not_json", error);
            return None;
        }
        let fields = self.object(root, &Path::ROOT, &DOCUMENT)?;
        let schema_version = fields.required_unsigned(&mut self.faults, "schema_version");
        if schema_version.is_some_and(|version| version != SCHEMA_VERSION) {
            let detail = "this reader knows schema_version 1 only; a newer one may read it";
            self.faults.add(&Path::ROOT.name("schema_version"), "unknown_schema_version", detail);
        }
        let environment = fields.required_string(&mut self.faults, "environment");
        let version = fields.required_unsigned(&mut self.faults, "version");
        let published_at = fields.required_string(&mut self.faults, "published_at");
        let experiments = fields.required_array(&mut self.faults, "experiments");
        let requires_regex = self.requires(&fields);
        // Segments of a wrong type harm whoever names one, not the document.
        let segments = match fields.optional("segments") {
            Some(Node::Object(segments)) => segments.as_slice(),
            Some(other) if self.is_strict => {
                self.wrong_type(other, &Path::ROOT.name("segments"), "an object");
                &[]
            }
            _ => &[],
        };
        Some(Header {
            environment: environment?,
            version: version?,
            published_at: published_at?,
            requires_regex,
            segments,
            experiments: experiments?,
        })
    }

    /// What a reader must know beyond this format: `regex`, in builds that have it. Whether it is named.
    pub(super) fn requires(&mut self, fields: &Fields<'_, 'a, '_>) -> bool {
        let mut names_regex = false;
        let path = fields.path.name("requires");
        for (index, entry) in fields.optional_array(&mut self.faults, "requires").iter().enumerate() {
            let known = matches!(entry, Node::String(name) if name == "regex" && cfg!(feature = "regex"));
            names_regex |= known;
            if !known {
                let detail = "this reader does not know what is required here; a newer or fuller one may";
                self.faults.add(&path.index(index), "unknown_requirement", detail);
            }
        }
        names_regex
    }

    /// The experiments in key order. Faults: no object, no key, a key that stands twice.
    pub(super) fn sorted_experiments<'n>(&mut self, nodes: &'n [Node<'a>]) -> Vec<Entry<'n, 'a>> {
        let list = Path::ROOT.name("experiments");
        let mut entries = Vec::with_capacity(nodes.len());
        for (place, node) in nodes.iter().enumerate() {
            let path = list.index(place);
            let key = self.object_members(node, &path).and_then(|members| {
                let fields = Fields { members, path: &path };
                fields.required_string(&mut self.faults, "key")
            });
            entries.extend(key.map(|key| Entry { place, key, node }));
        }
        // Sorting is stable, so of two experiments with one key the later is the repetition.
        entries.sort_by(|a, b| a.key.cmp(b.key));
        for pair in entries.windows(2) {
            if let [first, second] = pair
                && first.key == second.key
            {
                let detail = format!("experiment {:?} stands in the document already", second.key);
                self.faults.add(&list.index(second.place).name("key"), "duplicate_key", detail);
            }
        }
        entries
    }

    /// Reads all experiments, in the order of the entries.
    pub(super) fn experiments(&mut self, entries: &[Entry<'_, 'a>]) {
        let list = Path::ROOT.name("experiments");
        self.builder.tables.experiments.reserve_exact(entries.len());
        for entry in entries {
            self.experiment(entry, &list.index(entry.place));
        }
        self.resolve_prerequisites(entries);
    }

    fn finish(self, header: &Header<'_, 'a>) -> Snapshot {
        let mut tables = self.builder.tables;
        tables.shrink();
        Snapshot {
            index: KeyIndex::new(&tables),
            tables,
            environment: header.environment.into(),
            version: header.version,
            published_at: header.published_at.into(),
            requires_regex: header.requires_regex,
            faults: self.faults.into_list(),
        }
    }
}
