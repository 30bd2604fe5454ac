//! Variants.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

/// One of the things an experiment can give.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Variant {
    /// Stable identifier.
    pub id: Uuid,
    /// Unique within the experiment.
    pub key: String,
    /// For people.
    pub name: String,
    /// Any JSON, byte for byte as it was sent.
    pub payload: Box<RawValue>,
    /// Grows with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl Variant {
    /// A variant that is not stored yet.
    pub fn new(key: String, name: String, payload: Box<RawValue>, now: DateTime<Utc>) -> Self {
        let id = Uuid::now_v7();
        Self { id, key, name, payload, version: 1, created_at: now, updated_at: now }
    }
}
