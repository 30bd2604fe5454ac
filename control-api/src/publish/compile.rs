//! Rows in, documents out: what an environment publishes, as bytes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SecondsFormat, Utc};
use lotwise_core::Fault;
use lotwise_core::document::{ExperimentDocument, MAX_DOCUMENT_BYTES, SCHEMA_VERSION, SnapshotDocument};

use crate::domain::experiment::Experiment;
use crate::domain::refusal::Refusal;
use crate::domain::segment::{Segments, to_documents};
use crate::domain::version::{Change, ChangeKind};
use crate::hex;
use crate::publish::client::{client_document, features};
use crate::publish::reissue::reissue;
use crate::publish::warnings::warnings;
use crate::store::versions::{Contents, Earlier, NewVersion, Prepared, Says};

/// Compiles both documents of the next version, unless the present version says the same.
pub fn compile(contents: Contents, now: DateTime<Utc>) -> Result<Prepared, Refusal> {
    let Contents { environment, says, version, present_content, present_experiments } = contents;
    let experiments = match says {
        Says::Experiments(experiments) => experiments,
        Says::Again(earlier) => {
            return again(*earlier, version, present_content.as_deref(), &present_experiments, now);
        }
    };
    if experiments.is_empty() && present_content.is_none() {
        return Err(Refusal::conflict(
            "nothing_to_publish",
            "No experiment of the environment is RUNNING or CONCLUDED, and none was before.",
        ));
    }
    let parts: Vec<Part> = experiments.iter().map(Part::of).collect();
    let digests = parts.iter().map(Part::digest).collect::<Result<BTreeMap<_, _>, _>>()?;
    let client_side = experiments.iter().filter(|it| it.client_side);
    let client_side: BTreeSet<String> = client_side.map(|it| it.key.clone()).collect();
    let mut full = full_document(&environment, parts);
    let mut client = client_document(&full, &client_side);

    let content_sha256 = content_digest(&full, &client)?;
    if present_content.as_ref() == Some(&content_sha256) {
        return Ok(Prepared::Unchanged);
    }
    let published_at = published_at(now);
    for document in [&mut full, &mut client] {
        document.version = version.unsigned_abs();
        document.published_at.clone_from(&published_at);
    }
    let document = checked(to_bytes(&full)?, Some(&full))?;
    let client_document = checked(to_bytes(&client)?, Some(&client))?;
    Ok(Prepared::New(Box::new(NewVersion {
        content_sha256,
        sha256: hex::sha256(&document),
        document,
        client_sha256: hex::sha256(&client_document),
        client_document,
        changes: changes(&present_experiments, &digests),
        warnings: warnings(&experiments),
        experiments: digests,
        published_at: now,
        rolled_back_to: None,
    })))
}

/// Both documents of an earlier version, under the next version.
fn again(
    earlier: Earlier,
    version: i64,
    present_content: Option<&str>,
    present_experiments: &BTreeMap<String, String>,
    now: DateTime<Utc>,
) -> Result<Prepared, Refusal> {
    if present_content == Some(&earlier.content_sha256) {
        return Ok(Prepared::Unchanged);
    }
    let reissued = |document: &[u8]| {
        // What an older release took may be refused today, and then by readers, too.
        checked(reissue(document, version.unsigned_abs(), &published_at(now))?, None)
    };
    let document = reissued(&earlier.documents.full)?;
    let client_document = reissued(&earlier.documents.client)?;
    Ok(Prepared::New(Box::new(NewVersion {
        content_sha256: earlier.content_sha256,
        sha256: hex::sha256(&document),
        document,
        client_sha256: hex::sha256(&client_document),
        client_document,
        changes: changes(present_experiments, &earlier.experiments),
        warnings: earlier.warnings,
        experiments: earlier.experiments,
        published_at: now,
        rolled_back_to: Some(earlier.version),
    })))
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

fn content_digest(full: &SnapshotDocument, client: &SnapshotDocument) -> Result<String, Refusal> {
    let mut bytes = to_bytes(full)?;
    bytes.push(b'\n');
    bytes.extend(to_bytes(client)?);
    Ok(hex::sha256(&bytes))
}

/// Bytes that readers accept. The experiments passed the same check one by one when they were
/// written; what only shows in the whole, or under newer rules, shows here. With the `document` that
/// the bytes come from, faults name experiments.
fn checked(bytes: Vec<u8>, document: Option<&SnapshotDocument>) -> Result<Vec<u8>, Refusal> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        return Err(Refusal::conflict(
            "snapshot_too_large",
            format!("The snapshot has {} bytes; readers take {MAX_DOCUMENT_BYTES}.", bytes.len()),
        ));
    }
    let faults = lotwise_core::check(&bytes);
    if faults.is_empty() {
        return Ok(bytes);
    }
    let named = |fault: Fault| Fault {
        detail: match document.and_then(|document| experiment_at(&fault.pointer, document)) {
            Some(key) => format!("{key}: {}", fault.detail),
            None => fault.detail,
        },
        ..fault
    };
    Err(Refusal::Invalid(faults.into_iter().map(named).collect()))
}

/// The key of the experiment that a pointer leads into.
fn experiment_at<'a>(pointer: &str, document: &'a SnapshotDocument) -> Option<&'a str> {
    let index = pointer.strip_prefix("/experiments/")?.split('/').next()?.parse::<usize>().ok()?;
    document.experiments.get(index).map(|experiment| experiment.key.as_str())
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
