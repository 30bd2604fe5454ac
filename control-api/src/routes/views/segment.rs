//! Segments as answers show them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::rules::TargetingRule;
use crate::domain::segment::Segment;
use crate::store::segments::Usage;

/// A named, reusable audience.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Segment)]
pub struct SegmentView {
    /// Stable identifier.
    pub id: Uuid,
    /// The environment it belongs to.
    pub environment_id: Uuid,
    /// That environment's name.
    pub environment: String,
    /// Unique among the environment's segments; the `value` of `inSegment` and `notInSegment`.
    pub key: String,
    /// For people.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// Who is in it: whoever matches one of them; empty: nobody.
    pub rules: Vec<TargetingRule>,
    /// What names it; while anything does, it cannot be deleted.
    pub used_by: Usage,
    /// Grows with each change, but not with those of `usedBy`; also the `ETag`.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl SegmentView {
    /// A segment and what uses it.
    pub fn new(it: Segment, used_by: Usage) -> Self {
        Self {
            id: it.id,
            environment_id: it.environment_id,
            environment: it.environment,
            key: it.key,
            name: it.name,
            description: it.description,
            rules: it.rules,
            used_by,
            version: it.version,
            created_at: it.created_at,
            updated_at: it.updated_at,
        }
    }

    /// A segment, and what uses it out of what is used in its environment.
    pub fn with(it: Segment, usage: &BTreeMap<(Uuid, String), Usage>) -> Self {
        let used_by = usage.get(&(it.environment_id, it.key.clone())).cloned().unwrap_or_default();
        Self::new(it, used_by)
    }
}
