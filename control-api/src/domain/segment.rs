//! Segments: named audiences that rules refer to.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lotwise_core::Fault;
use lotwise_core::document::{SCHEMA_VERSION, SnapshotDocument};
use serde::Serialize;
use uuid::Uuid;

use super::check::camel_pointer;
use super::rules::{Condition, TargetingRule};

/// The rules of an environment's segments, by key.
pub type Segments = BTreeMap<String, Vec<TargetingRule>>;

/// A named, reusable audience.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Segment {
    /// Stable identifier.
    pub id: Uuid,
    /// The environment it belongs to.
    pub environment_id: Uuid,
    /// That environment's name.
    pub environment: String,
    /// Unique among the environment's segments; what conditions name.
    pub key: String,
    /// For people.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// Who is in it: whoever matches one of them; none: nobody.
    pub rules: Vec<TargetingRule>,
    /// Grows with each change to any of the above.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl Segment {
    /// Everything that would keep the segment, and those that lead to it, from being published, with
    /// pointers into the resource. The check is the core's own.
    pub fn faults(&self, others: &Segments) -> Vec<Fault> {
        let mut segments = others.clone();
        segments.insert(self.key.clone(), self.rules.clone());
        let own = format!("/segments/{}", self.key);
        let fault = |fault: Fault| match fault.pointer.strip_prefix(&own) {
            Some("") => Fault { pointer: "/rules".to_owned(), ..fault },
            Some(inner) if inner.starts_with('/') => {
                Fault { pointer: format!("/rules{}", camel_pointer(inner)), ..fault }
            }
            // Another segment that leads here, and with these rules in a circle, or too far.
            _ => Fault {
                pointer: "/rules".to_owned(),
                detail: format!("{}: {}", fault.pointer, fault.detail),
                ..fault
            },
        };
        let document = document(&self.environment, &segments);
        // Serialising cannot fail: every map key is a string and every raw value is JSON.
        let Ok(bytes) = serde_json::to_vec(&document) else { return Vec::new() };
        lotwise_core::check(&bytes).into_iter().map(fault).collect()
    }
}

/// A document of segments alone.
fn document(environment: &str, segments: &Segments) -> SnapshotDocument {
    SnapshotDocument {
        schema_version: SCHEMA_VERSION,
        environment: environment.to_owned(),
        version: 1,
        published_at: "2000-01-01T00:00:00Z".to_owned(),
        segments: to_documents(segments),
        experiments: Vec::new(),
        requires: Vec::new(),
        features: Vec::new(),
    }
}

/// Segments as they are published.
pub fn to_documents(segments: &Segments) -> BTreeMap<String, Vec<lotwise_core::document::TargetingRule>> {
    let documents = |rules: &Vec<TargetingRule>| rules.iter().map(TargetingRule::to_document).collect();
    segments.iter().map(|(key, rules)| (key.clone(), documents(rules))).collect()
}

/// The keys of the segments that conditions lead to, over other segments too, as far as they exist.
pub fn led_to<'a>(conditions: impl Iterator<Item = &'a Condition>, segments: &Segments) -> Segments {
    let mut open: Vec<String> = conditions.filter_map(Condition::segment).collect();
    let mut found = Segments::new();
    while let Some(key) = open.pop() {
        if found.contains_key(&key) {
            continue;
        }
        if let Some(rules) = segments.get(&key) {
            open.extend(conditions_of(rules).filter_map(Condition::segment));
            found.insert(key, rules.clone());
        }
    }
    found
}

/// All conditions of rules.
pub fn conditions_of(rules: &[TargetingRule]) -> impl Iterator<Item = &Condition> {
    rules.iter().flat_map(|rule| &rule.conditions)
}
