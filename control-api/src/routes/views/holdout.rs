//! Holdouts as answers show them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::holdout::{Covered, Holdout};
use crate::domain::range::{Range, buckets};
use crate::routes::bodies::CoveredBody;

/// Users who see nothing of what is covered.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Holdout)]
pub struct HoldoutView {
    /// Stable identifier.
    pub id: Uuid,
    /// The environment it belongs to.
    pub environment_id: Uuid,
    /// That environment's name.
    pub environment: String,
    /// Unique among the environment's holdouts.
    pub key: String,
    /// For people.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// Mixed into the bucket hash.
    pub salt: String,
    /// The attribute that is hashed.
    pub bucket_by: String,
    /// The share of all users that it withholds.
    pub share: f64,
    /// The buckets that it withholds, in order.
    pub ranges: Vec<Range>,
    /// `"all"`, or the keys of the experiments that it covers.
    #[schema(value_type = CoveredBody)]
    pub experiments: Covered,
    /// Grows with each change to any of the above; also the `ETag`.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl From<Holdout> for HoldoutView {
    fn from(it: Holdout) -> Self {
        Self {
            id: it.id,
            environment_id: it.environment_id,
            environment: it.environment,
            key: it.key,
            name: it.name,
            description: it.description,
            salt: it.salt,
            bucket_by: it.bucket_by,
            share: f64::from(buckets(&it.ranges)) / 10_000.0,
            ranges: it.ranges,
            experiments: it.experiments,
            version: it.version,
            created_at: it.created_at,
            updated_at: it.updated_at,
        }
    }
}
