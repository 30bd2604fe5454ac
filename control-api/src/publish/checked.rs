//! Whether readers take a document's bytes.

use lotwise_core::document::MAX_DOCUMENT_BYTES;
use lotwise_core::{Fault, Snapshot};
use serde::Deserialize;

use crate::domain::refusal::Refusal;

/// Refuses bytes that readers would not accept as they are meant. The experiments passed the same check
/// one by one when they were written; what only shows in the whole, or under newer rules, shows here.
/// Faults name experiments.
pub(super) fn checked(bytes: &[u8]) -> Result<(), Refusal> {
    require_small(bytes)?;
    let faults = lotwise_core::check(bytes);
    if faults.is_empty() {
        return Ok(());
    }
    let keys = keys(bytes);
    let named = |fault: Fault| Fault {
        detail: match experiment_at(&fault.pointer, &keys) {
            Some(key) => format!("{key}: {}", fault.detail),
            None => fault.detail,
        },
        ..fault
    };
    Err(Refusal::Invalid(faults.into_iter().map(named).collect()))
}

/// Refuses bytes that readers would not load at all.
pub(super) fn loadable(bytes: &[u8]) -> Result<(), Refusal> {
    require_small(bytes)?;
    match Snapshot::load(bytes) {
        Ok(_) => Ok(()),
        Err(fault) => Err(Refusal::Invalid(vec![fault])),
    }
}

fn require_small(bytes: &[u8]) -> Result<(), Refusal> {
    if bytes.len() <= MAX_DOCUMENT_BYTES {
        return Ok(());
    }
    Err(Refusal::conflict(
        "snapshot_too_large",
        format!("The snapshot has {} bytes; readers take {MAX_DOCUMENT_BYTES}.", bytes.len()),
    ))
}

/// The keys of a document's experiments in their order.
fn keys(bytes: &[u8]) -> Vec<String> {
    #[derive(Deserialize)]
    struct Document {
        experiments: Vec<Keyed>,
    }
    #[derive(Deserialize)]
    struct Keyed {
        key: String,
    }
    let document: Option<Document> = serde_json::from_slice(bytes).ok();
    document.map(|it| it.experiments.into_iter().map(|it| it.key).collect()).unwrap_or_default()
}

/// The key of the experiment that a pointer leads into.
fn experiment_at<'k>(pointer: &str, keys: &'k [String]) -> Option<&'k str> {
    let index = pointer.strip_prefix("/experiments/")?.split('/').next()?.parse::<usize>().ok()?;
    keys.get(index).map(String::as_str)
}
