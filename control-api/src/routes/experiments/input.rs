//! Fields that creating and changing experiments read the same way.

use lotwise_core::Fault;
use serde_json::value::RawValue;

use crate::domain::experiment::{Hash, MAX_MINIMUM_DAYS};
use crate::domain::key::{MAX_KEY_BYTES, is_key, slug};
use crate::domain::prerequisite::Prerequisite;
use crate::domain::salt::MAX_SALT_BYTES;
use crate::extract::limits::{
    MAX_ATTRIBUTE_CHARS, MAX_METRICS, MAX_NAME_CHARS, MAX_PAYLOAD_BYTES, MAX_PREREQUISITES, MAX_VARIANTS,
};
use crate::extract::{Faults, Fields, Found};

/// `key` and `name`, either of which can be made from the other. A placeholder stands in for a key
/// that is wrong; the fault keeps it from being used.
pub(in crate::routes) fn slug_key(fields: &mut Fields<'_>, faults: &mut Faults) -> (String, String) {
    let sent_key = fields.take("key", faults);
    let sent_name = fields.take("name", faults);
    let is_nameless = sent_key.is_none() && sent_name.is_none();
    let name_text = sent_name.as_ref().and_then(|found| found.name(MAX_NAME_CHARS, faults));
    let key = match (&sent_key, &name_text) {
        (Some(found), _) => read_key(found, faults),
        (None, Some(name)) => slug(name).or_else(|| {
            let detail = "No key can be made from this name; send `key` too.";
            fields.require("key", detail, faults);
            None
        }),
        (None, None) if is_nameless => {
            fields.require("key", "`key` or `name` is needed.", faults);
            None
        }
        (None, None) => None,
    };
    let key = key.unwrap_or_else(|| "x".to_owned());
    let name = name_text.unwrap_or_else(|| key.clone());
    (key, name)
}

fn read_key(found: &Found<'_>, faults: &mut Faults) -> Option<String> {
    let key = found.text(MAX_NAME_CHARS, faults)?;
    if is_key(&key) {
        return Some(key);
    }
    let detail = format!("Keys match [A-Za-z0-9][A-Za-z0-9._-]{{0,{}}}.", MAX_KEY_BYTES - 1);
    faults.push(&found.at, "invalid_key", detail);
    None
}

/// `payload`, also spelled `config`: any JSON, null included.
pub(in crate::routes) fn read_payload(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Box<RawValue>> {
    let found = fields.take_either("payload", "config", faults)?;
    found.json(MAX_PAYLOAD_BYTES, faults)
}

/// `guardrailMetrics`: keys, each once.
pub(super) fn metric_keys(found: &Found<'_>, faults: &mut Faults) -> Option<Vec<String>> {
    let elements = found.list(MAX_METRICS, faults)?;
    let mut keys = Vec::with_capacity(elements.len());
    for element in &elements {
        let Some(key) = metric_key(element, faults) else { continue };
        if keys.contains(&key) {
            faults.push(&element.at, "duplicate", "This metric is listed already.");
        }
        keys.push(key);
    }
    Some(keys)
}

/// `primaryMetric`.
pub(super) fn metric_key(found: &Found<'_>, faults: &mut Faults) -> Option<String> {
    let key = found.name(MAX_KEY_BYTES, faults)?;
    if is_key(&key) {
        return Some(key);
    }
    let detail = "A metric's key matches [A-Za-z0-9][A-Za-z0-9._-]{0,127}; for events of another name \
                  make a metric with that eventName.";
    faults.push(&found.at, "invalid_key", detail);
    None
}

/// `minimumDays`.
pub(super) fn minimum_days(found: &Found<'_>, faults: &mut Faults) -> Option<i32> {
    let days = found.integer(0, MAX_MINIMUM_DAYS.into(), faults)?;
    days.try_into().ok()
}

/// `hash`.
pub(super) fn hash(found: &Found<'_>, faults: &mut Faults) -> Option<Hash> {
    let name = found.text(MAX_NAME_CHARS, faults)?;
    let hash = Hash::parse(&name);
    if hash.is_none() {
        faults.push(&found.at, "unknown_hash", "Hashes are murmur3 and fnv1a64.");
    }
    hash
}

/// `salt`.
pub(in crate::routes) fn read_salt(found: &Found<'_>, faults: &mut Faults) -> Option<String> {
    found.name(MAX_SALT_BYTES, faults)
}

/// `bucketBy`.
pub(in crate::routes) fn read_bucket_by(found: &Found<'_>, faults: &mut Faults) -> Option<String> {
    found.name(MAX_ATTRIBUTE_CHARS, faults)
}

/// `targetSampleSize`: at least one.
pub(super) fn sample_size(found: &Found<'_>, faults: &mut Faults) -> Option<i64> {
    found.integer(1, (1 << 53) - 1, faults)
}

/// `significanceLevel`: strictly between 0 and 1.
pub(super) fn significance_level(found: &Found<'_>, faults: &mut Faults) -> Option<f64> {
    let level = found.number(0.0, 1.0, faults)?;
    if level > 0.0 && level < 1.0 {
        return Some(level);
    }
    faults.push(&found.at, "out_of_range", "This must lie strictly between 0 and 1.");
    None
}

/// `prerequisites`.
pub(super) fn prerequisites(found: &Found<'_>, faults: &mut Faults) -> Option<Vec<Prerequisite>> {
    let elements = found.list(MAX_PREREQUISITES, faults)?;
    elements.iter().map(|element| prerequisite(element, faults)).collect::<Vec<_>>().into_iter().collect()
}

fn prerequisite(found: &Found<'_>, faults: &mut Faults) -> Option<Prerequisite> {
    let mut fields = found.fields(faults)?;
    let experiment = fields.take("experiment", faults);
    let variants = fields.take("variants", faults);
    if experiment.is_none() {
        fields.require("experiment", "Name the experiment that is needed.", faults);
    }
    if variants.is_none() {
        fields.require("variants", "Name the variants of it that count.", faults);
    }
    fields.close(faults);
    let experiment = experiment.and_then(|found| found.text(MAX_NAME_CHARS, faults));
    let variants = variants.and_then(|found| found.list(MAX_VARIANTS, faults));
    let variants: Vec<Option<String>> =
        variants?.iter().map(|element| element.text(MAX_NAME_CHARS, faults)).collect();
    Some(Prerequisite { experiment: experiment?, variants: variants.into_iter().collect::<Option<_>>()? })
}

/// `groupKey`.
pub(super) fn group_key(found: &Found<'_>, faults: &mut Faults) -> Option<String> {
    found.text(MAX_NAME_CHARS, faults)
}

/// One fault as a list.
pub(super) fn one_fault(pointer: String, code: &'static str, detail: &str) -> Vec<Fault> {
    vec![Fault { pointer, code, detail: detail.to_owned() }]
}
