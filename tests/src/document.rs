//! Documents that no admin can make yet, and a publisher's way of putting them into the store.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use lotwise_dev::ObjectStore;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::golden;

/// Golden files whose experiments are of every kind there is.
const VARIED: [&str; 5] = ["random-0", "random-1", "random-2", "random-3", "random-4"];

/// Names in these files that an experiment refers to another part of its document by.
const NAMES: [&str; 7] = ["exp-", "s0\"", "s1\"", "s2\"", "g1\"", "g2\"", "h\""];

/// A hundred experiments out of golden files, for the environment `varied`.
pub fn varied_document() -> Result<Value> {
    let (mut experiments, mut segments) = (Vec::new(), serde_json::Map::new());
    for (file, name) in VARIED.iter().enumerate() {
        let mut text = golden(name)?["snapshot"].to_string();
        for name in NAMES {
            // Each file has names of its own: all of them have an experiment `exp-000`.
            text = text.replace(&format!("\"{name}"), &format!("\"f{file}-{name}"));
        }
        let mut snapshot: Value = serde_json::from_str(&text)?;
        experiments.append(snapshot["experiments"].as_array_mut().context("no experiments")?);
        segments.append(snapshot["segments"].as_object_mut().context("no segments")?);
    }
    experiments.truncate(100);
    Ok(json!({
        "schema_version": 1, "environment": "varied", "version": 1, "published_at": "2026-11-21T10:00:00Z",
        "segments": segments, "experiments": experiments,
    }))
}

/// One experiment, whose only variant says which version it is of.
pub fn small_document(environment: &str, version: u64) -> Value {
    json!({
        "schema_version": 1, "environment": environment, "version": version,
        "published_at": "2026-11-21T10:00:00Z",
        "experiments": [{
            "id": "button", "key": "button", "status": "RUNNING", "salt": "salt", "hash": "murmur3",
            "variants": [{"id": "on", "key": "on", "payload": {"version": version}}],
            "allocations": [{"variant": "on", "range_start": 0, "range_end": 9999}],
            "targeting_rules": [],
        }],
    })
}

/// Puts a document into the store, for servers: the object, then the pointer. Returns the object's key.
pub fn put_document(store: &ObjectStore, document: &Value) -> Result<String> {
    let environment = document["environment"].as_str().context("no environment")?;
    put(store, document, environment)
}

/// The same for pages.
pub fn put_client_document(store: &ObjectStore, document: &Value) -> Result<String> {
    let environment = document["environment"].as_str().context("no environment")?;
    put(store, document, &format!("{environment}/client"))
}

fn put(store: &ObjectStore, document: &Value, folder: &str) -> Result<String> {
    let bytes = document.to_string().into_bytes();
    let mut digest = String::new();
    for byte in Sha256::digest(&bytes) {
        write!(digest, "{byte:02x}")?;
    }
    let snapshot = format!("snapshots/{}-{}.json", document["version"], &digest[..16]);
    let key = format!("{folder}/{snapshot}");
    store.write(&key, &bytes)?;
    let pointer = json!({
        "schema_version": 1, "environment": document["environment"], "version": document["version"],
        "snapshot": snapshot, "sha256": digest, "bytes": bytes.len(),
    });
    store.write(&format!("{folder}/version.json"), pointer.to_string().as_bytes())?;
    Ok(key)
}
