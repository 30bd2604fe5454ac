//! Holdouts: users who see none of the experiments that are covered.

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use uuid::Uuid;

use super::layer::Layer;
use super::range::Range;
use super::slice::resized;

/// Buckets whose users see nothing of what the holdout covers.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Holdout {
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
    /// Mixed into the bucket hash; never changes.
    pub salt: String,
    /// The attribute that is hashed; never changes.
    pub bucket_by: String,
    /// The buckets it withholds, in order.
    pub ranges: Vec<Range>,
    /// What it covers.
    pub experiments: Covered,
    /// Grows with each change to any of the above.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// Which experiments a holdout covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Covered {
    /// Every experiment of the environment, those to come too.
    All,
    /// Those of these keys, in order.
    Listed(Vec<String>),
}

/// How many users a holdout withholds, or which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// So many buckets, as far as possible those that it has.
    Buckets(u16),
    /// Exactly these, in order.
    Ranges(Vec<Range>),
}

impl Extent {
    /// The buckets, where `held` are those that the holdout has.
    pub fn ranges(self, held: &[Range]) -> Vec<Range> {
        match self {
            // There are no others, so all buckets can be had.
            Self::Buckets(wanted) => resized(held, &[], wanted).unwrap_or_default(),
            Self::Ranges(ranges) => ranges,
        }
    }
}

impl Covered {
    /// The same in the order of keys, as it is read.
    pub fn sorted(self) -> Self {
        match self {
            Self::All => Self::All,
            Self::Listed(mut keys) => {
                keys.sort_unstable();
                Self::Listed(keys)
            }
        }
    }
}

impl Serialize for Covered {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => serializer.serialize_str("all"),
            Self::Listed(keys) => keys.serialize(serializer),
        }
    }
}

impl Holdout {
    /// What the covered experiments carry of it.
    pub fn layer(&self) -> Layer {
        Layer {
            key: self.key.clone(),
            salt: self.salt.clone(),
            bucket_by: self.bucket_by.clone(),
            ranges: self.ranges.clone(),
        }
    }
}
