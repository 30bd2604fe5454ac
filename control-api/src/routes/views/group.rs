//! Groups as answers show them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::group::{Group, GroupMode, Member};
use crate::domain::range::{Range, buckets};

/// Experiments that exclude each other.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Group)]
pub struct GroupView {
    /// Stable identifier.
    pub id: Uuid,
    /// The environment it belongs to.
    pub environment_id: Uuid,
    /// That environment's name.
    pub environment: String,
    /// Unique among the environment's groups.
    pub key: String,
    /// For people.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// How its members exclude each other.
    pub mode: GroupMode,
    /// Mixed into the bucket hash.
    pub salt: String,
    /// The attribute that is hashed.
    pub bucket_by: String,
    /// Its experiments, by key.
    pub members: Vec<Member>,
    /// The buckets that nobody holds, in order. None in a `first` group, where nothing is held.
    pub free_ranges: Vec<Range>,
    /// How many these are.
    pub free_buckets: u16,
    /// Grows with each change to the group, its members and their slices; also the `ETag`.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl From<Group> for GroupView {
    fn from(it: Group) -> Self {
        let free_ranges = it.free_ranges();
        Self {
            id: it.id,
            environment_id: it.environment_id,
            environment: it.environment,
            key: it.key,
            name: it.name,
            description: it.description,
            mode: it.mode,
            salt: it.salt,
            bucket_by: it.bucket_by,
            members: it.members,
            free_buckets: buckets(&free_ranges),
            free_ranges,
            version: it.version,
            created_at: it.created_at,
            updated_at: it.updated_at,
        }
    }
}
