//! Groups and holdouts as an experiment carries them.

use lotwise_core::document::LayerDocument;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::experiment::DEFAULT_BUCKET_BY;
use super::group::GroupMode;
use super::range::Range;

/// A holdout that covers an experiment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// The holdout's key.
    pub key: String,
    /// Mixed into the bucket hash.
    pub salt: String,
    /// The attribute that is hashed.
    pub bucket_by: String,
    /// The buckets it withholds, in order.
    pub ranges: Vec<Range>,
}

/// An experiment's place in its group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupMembership {
    /// The group's id.
    #[serde(rename = "id")]
    pub group_id: Uuid,
    /// The group's key.
    pub key: String,
    /// How its members exclude each other.
    pub mode: GroupMode,
    /// Mixed into the bucket hash.
    #[serde(skip)]
    pub salt: String,
    /// The attribute that is hashed.
    #[serde(skip)]
    pub bucket_by: String,
    /// The group's buckets whose users the experiment admits, in order.
    pub ranges: Vec<Range>,
}

impl Layer {
    /// The holdout as it is published.
    pub fn to_document(&self) -> LayerDocument {
        layer(&self.key, &self.salt, &self.bucket_by, &self.ranges)
    }
}

impl GroupMembership {
    /// The group as it is published with its member.
    pub fn to_document(&self) -> LayerDocument {
        layer(&self.key, &self.salt, &self.bucket_by, &self.ranges)
    }
}

fn layer(key: &str, salt: &str, bucket_by: &str, ranges: &[Range]) -> LayerDocument {
    LayerDocument {
        key: key.to_owned(),
        salt: salt.to_owned(),
        bucket_by: (bucket_by != DEFAULT_BUCKET_BY).then(|| bucket_by.to_owned()),
        ranges: ranges.iter().map(|range| range.to_document()).collect(),
    }
}
