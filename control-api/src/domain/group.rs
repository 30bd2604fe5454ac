//! Groups: experiments that exclude each other.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::layer::GroupMembership;
use super::range::{Range, free};
use super::refusal::Refusal;
use super::status::Status;

/// How the members of a group exclude each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum GroupMode {
    /// Each member holds buckets of the group for itself. Exact wherever decisions are made.
    Slices,
    /// Whoever was assigned to one member is excluded from the others. Needs sticky state.
    First,
}

impl GroupMode {
    /// The name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Slices => "slices",
            Self::First => "first",
        }
    }

    /// The mode of that name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Slices, Self::First].into_iter().find(|mode| mode.as_str() == text)
    }
}

/// A mutual-exclusion layer.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
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
    /// How its members exclude each other; never changes.
    pub mode: GroupMode,
    /// Mixed into the bucket hash; never changes.
    pub salt: String,
    /// The attribute that is hashed; never changes.
    pub bucket_by: String,
    /// Its experiments, by key.
    pub members: Vec<Member>,
    /// Grows with each change to any of the above.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// An experiment in a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GroupMember)]
pub struct Member {
    /// Its id.
    pub experiment_id: Uuid,
    /// Its key.
    pub experiment_key: String,
    /// Where it stands in its life.
    pub status: Status,
    /// The buckets that it holds, in order; in a `first` group all of them.
    pub ranges: Vec<Range>,
}

impl Group {
    /// The place of an experiment that joins.
    pub fn membership(&self) -> GroupMembership {
        GroupMembership {
            group_id: self.id,
            key: self.key.clone(),
            mode: self.mode,
            salt: self.salt.clone(),
            bucket_by: self.bucket_by.clone(),
            ranges: if self.mode == GroupMode::First { vec![Range::ALL] } else { Vec::new() },
        }
    }

    /// What the members hold, but for the one of this key.
    pub fn held_by_others(&self, key: &str) -> Vec<Range> {
        let others = self.members.iter().filter(|member| member.experiment_key != key);
        others.flat_map(|member| member.ranges.iter().copied()).collect()
    }

    /// The buckets that no member holds. A `first` group has nothing to hold.
    pub fn free_ranges(&self) -> Vec<Range> {
        match self.mode {
            GroupMode::Slices => free(&self.held_by_others("")),
            GroupMode::First => Vec::new(),
        }
    }

    /// Whether it may be deleted.
    pub fn require_unused(&self) -> Result<(), Refusal> {
        let users: Vec<&str> = self.members.iter().map(|member| member.experiment_key.as_str()).collect();
        super::refusal::require_unused("group_in_use", "group", &[("experiment", &users)])
    }
}
