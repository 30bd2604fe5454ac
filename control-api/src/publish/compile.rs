//! Rows in, documents out: what an environment publishes, as bytes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SecondsFormat, Utc};
use lotwise_core::document::{ExperimentDocument, SCHEMA_VERSION, SnapshotDocument};

use crate::domain::experiment::Experiment;
use crate::domain::refusal::Refusal;
use crate::domain::segment::{Segments, to_documents};
use crate::domain::version::{Change, ChangeKind, Warning};
use crate::hex;
use crate::publish::assemble::{Assembled, assemble};
use crate::publish::checked::{checked, loadable};
use crate::publish::client::{client_document, features};
use crate::publish::reissue::reissue;
use crate::publish::warnings::warnings;
use crate::store::versions::{Contents, Documents, Earlier, NewVersion, Says};

/// A version that could be recorded.
#[derive(Debug)]
pub struct Compiled {
    /// All of it.
    pub new: NewVersion,
    /// The latest version that did not fail, which readers decide by.
    pub present: Option<Earlier>,
    /// Whether that one says the same already, where readers look.
    pub is_unchanged: bool,
}

/// How much of what is compiled has never been at readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// Something may: it is checked as for the first time.
    Check,
    /// Nothing: something is taken away from what they have. Newer rules must not keep it there.
    Load,
}

/// Compiles both documents of the next version.
///
/// # Errors
///
/// What keeps them from being published.
pub fn compile(contents: Contents, strictness: Strictness, now: DateTime<Utc>) -> Result<Compiled, Refusal> {
    let Contents { environment, says, version, present, store_has_present } = contents;
    let at_store = present.as_ref().filter(|_| store_has_present);
    let text = match says {
        Says::Experiments(experiments) if experiments.is_empty() && at_store.is_none() => {
            return Err(nothing_to_publish());
        }
        Says::Only(experiments, _) if experiments.is_empty() && present.is_none() => {
            return Err(nothing_to_publish());
        }
        Says::Experiments(experiments) => Text::of(Rows::of(&environment, &experiments, &BTreeSet::new())?)?,
        Says::Only(experiments, listed) => {
            let kept = present.iter().flat_map(|it| it.experiments.keys());
            let kept = kept.filter(|key| !listed.contains(*key)).map(String::as_str).collect();
            let new = Rows::of(&environment, &experiments, &kept)?;
            match &present {
                Some(present) => Text::beside(present, &new, &listed)?,
                None => Text::of(new)?,
            }
        }
        Says::Again(earlier) => Text::again(*earlier),
    };
    let is_unchanged = at_store.is_some_and(|it| it.content_sha256 == text.content_sha256);
    let documents = text.body.issue(version.unsigned_abs(), &published_at(now))?;
    if !is_unchanged {
        for document in [&documents.full, &documents.client] {
            match strictness {
                Strictness::Check => checked(document)?,
                Strictness::Load => loadable(document)?,
            }
        }
    }
    let before = at_store.map(|it| it.experiments.clone()).unwrap_or_default();
    let new = NewVersion {
        content_sha256: text.content_sha256,
        sha256: hex::sha256(&documents.full),
        document: documents.full,
        client_sha256: hex::sha256(&documents.client),
        client_document: documents.client,
        changes: changes(&before, &text.experiments),
        warnings: text.warnings,
        experiments: text.experiments,
        published_at: now,
        rolled_back_to: text.rolled_back_to,
        compared_with: present.as_ref().map(|it| it.version),
    };
    Ok(Compiled { new, present, is_unchanged })
}

fn nothing_to_publish() -> Refusal {
    Refusal::conflict(
        "nothing_to_publish",
        "No experiment of the environment is RUNNING or CONCLUDED, and none was before.",
    )
}

/// The full document that the contents would become.
pub fn draft_document(contents: Contents, now: DateTime<Utc>) -> Result<Vec<u8>, Refusal> {
    compile(contents, Strictness::Load, now).map(|compiled| compiled.new.document)
}

/// What a version says, without its number and time.
struct Text {
    body: Body,
    content_sha256: String,
    /// Digest by experiment key.
    experiments: BTreeMap<String, String>,
    warnings: Vec<Warning>,
    rolled_back_to: Option<i64>,
}

/// Both documents, to be given number and time.
enum Body {
    New(Box<[SnapshotDocument; 2]>),
    Beside(Box<[Assembled; 2]>),
    Again(Documents),
}

/// The documents of rows, and what of them pages get.
struct Rows {
    full: SnapshotDocument,
    client: SnapshotDocument,
    digests: BTreeMap<String, String>,
    warnings: Vec<Warning>,
}

impl Rows {
    /// `beside` names what is published besides them.
    fn of(environment: &str, experiments: &[Experiment], beside: &BTreeSet<&str>) -> Result<Self, Refusal> {
        let parts: Vec<Part> = experiments.iter().map(Part::of).collect();
        let digests = parts.iter().map(Part::digest).collect::<Result<BTreeMap<_, _>, _>>()?;
        let client_side = experiments.iter().filter(|it| it.client_side);
        let client_side: BTreeSet<String> = client_side.map(|it| it.key.clone()).collect();
        let full = full_document(environment, parts);
        let client = client_document(&full, &client_side);
        Ok(Self { full, client, digests, warnings: warnings(experiments, beside) })
    }
}

impl Text {
    fn of(rows: Rows) -> Result<Self, Refusal> {
        Ok(Self {
            content_sha256: content_digest(&rows.full, &rows.client)?,
            experiments: rows.digests,
            warnings: rows.warnings,
            rolled_back_to: None,
            body: Body::New(Box::new([rows.full, rows.client])),
        })
    }

    /// The listed experiments as `new` has them, the others as the present version has them.
    fn beside(present: &Earlier, new: &Rows, listed: &BTreeSet<String>) -> Result<Self, Refusal> {
        let full = assemble(&present.documents.full, &new.full, listed)?;
        let client = assemble(&present.documents.client, &new.client, listed)?;
        let mut experiments = present.experiments.clone();
        experiments.retain(|key, _| !listed.contains(key));
        experiments.extend(new.digests.clone());
        let is_kept = |it: &&Warning| it.experiment_key.as_ref().is_none_or(|key| !listed.contains(key));
        let mut warnings: Vec<Warning> = present.warnings.iter().filter(is_kept).cloned().collect();
        warnings.extend(new.warnings.iter().cloned());
        Ok(Self {
            content_sha256: content_digest(&full, &client)?,
            experiments,
            warnings,
            rolled_back_to: None,
            body: Body::Beside(Box::new([full, client])),
        })
    }

    fn again(earlier: Earlier) -> Self {
        Self {
            body: Body::Again(earlier.documents),
            content_sha256: earlier.content_sha256,
            experiments: earlier.experiments,
            warnings: earlier.warnings,
            rolled_back_to: Some(earlier.version),
        }
    }
}

impl Body {
    /// Both documents with this number and time, as bytes.
    fn issue(self, version: u64, published_at: &str) -> Result<Documents, Refusal> {
        let [full, client] = match self {
            Self::New(documents) => issue(*documents, version, published_at)?,
            Self::Beside(documents) => issue(*documents, version, published_at)?,
            Self::Again(Documents { full, client }) => {
                [reissue(&full, version, published_at)?, reissue(&client, version, published_at)?]
            }
        };
        Ok(Documents { full, client })
    }
}

/// A document that is to be given number and time.
trait Undated: serde::Serialize {
    fn date(&mut self, version: u64, published_at: &str);
}

impl Undated for SnapshotDocument {
    fn date(&mut self, version: u64, published_at: &str) {
        self.version = version;
        published_at.clone_into(&mut self.published_at);
    }
}

impl Undated for Assembled {
    fn date(&mut self, version: u64, published_at: &str) {
        self.version = version;
        published_at.clone_into(&mut self.published_at);
    }
}

fn issue<D: Undated>(documents: [D; 2], version: u64, published_at: &str) -> Result<[Vec<u8>; 2], Refusal> {
    let [mut full, mut client] = documents;
    full.date(version, published_at);
    client.date(version, published_at);
    Ok([to_bytes(&full)?, to_bytes(&client)?])
}

fn published_at(now: DateTime<Utc>) -> String {
    now.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// What an experiment brings into a document.
struct Part {
    document: ExperimentDocument,
    is_client_side: bool,
    /// The segments that its rules lead to.
    segments: Segments,
}

impl Part {
    fn of(it: &Experiment) -> Self {
        Self { document: it.to_document(), is_client_side: it.client_side, segments: it.segments() }
    }

    /// The digest of all that decides it, in either document; its segments belong to that.
    fn digest(&self) -> Result<(String, String), Refusal> {
        let mut bytes = to_bytes(&self.document)?;
        bytes.push(u8::from(self.is_client_side));
        if !self.segments.is_empty() {
            bytes.extend(to_bytes(&to_documents(&self.segments))?);
        }
        Ok((self.document.key.clone(), hex::sha256(&bytes)))
    }
}

/// The document whose version and time are not known yet. Experiments come sorted by key.
fn full_document(environment: &str, parts: Vec<Part>) -> SnapshotDocument {
    let mut segments = Segments::new();
    let mut experiments = Vec::with_capacity(parts.len());
    for part in parts {
        segments.extend(part.segments);
        experiments.push(part.document);
    }
    SnapshotDocument {
        schema_version: SCHEMA_VERSION,
        environment: environment.to_owned(),
        version: 0,
        published_at: String::new(),
        segments: to_documents(&segments),
        features: features(&experiments),
        experiments,
        requires: Vec::new(),
    }
}

fn content_digest<D: serde::Serialize>(full: &D, client: &D) -> Result<String, Refusal> {
    let mut bytes = to_bytes(full)?;
    bytes.push(b'\n');
    bytes.extend(to_bytes(client)?);
    Ok(hex::sha256(&bytes))
}

fn changes(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<Change> {
    let change = |key: &String| {
        let change = match (before.get(key), after.get(key)) {
            (None, Some(_)) => ChangeKind::Added,
            (Some(_), None) => ChangeKind::Removed,
            (before, after) if before != after => ChangeKind::Changed,
            _ => return None,
        };
        Some(Change { experiment_key: key.clone(), change })
    };
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    keys.into_iter().filter_map(change).collect()
}

/// Serialising cannot fail: keys are strings and raw values are JSON. Should it, nothing is
/// published.
fn to_bytes<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, Refusal> {
    serde_json::to_vec(value).map_err(|error| Refusal::conflict("snapshot_unwritable", error.to_string()))
}
