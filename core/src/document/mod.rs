//! Documents: what travels between the publisher and its readers.
//!
//! The types here are the *writing* side. Their fields stand in the order of the published format,
//! so that serialising the same content gives the same bytes; maps are ordered bytewise; payloads
//! and operands are kept as JSON text and never pass through a number or map type. Reading is more
//! forgiving and lives in [`crate::snapshot`].

mod names;
pub(crate) mod node;
pub(crate) mod shape;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;
use serde_json::value::RawValue;

pub use names::{is_environment_name, is_key};

/// The only `schema_version` this crate writes and reads.
pub const SCHEMA_VERSION: u64 = 1;

/// A document larger than this, in bytes, is refused by every reader.
pub const MAX_DOCUMENT_BYTES: usize = crate::MAX_BINARY_BYTES;

/// Everything an environment publishes: the root of the full and of the client document.
#[derive(Clone, Debug, Serialize)]
pub struct SnapshotDocument {
    /// Always [`SCHEMA_VERSION`].
    pub schema_version: u64,
    /// The environment's name.
    pub environment: String,
    /// One more than the version before it, in this environment.
    pub version: u64,
    /// RFC 3339, UTC.
    pub published_at: String,
    /// Reusable audiences by key; only those that some experiment leads to.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub segments: BTreeMap<String, Vec<TargetingRule>>,
    /// Sorted by key.
    pub experiments: Vec<ExperimentDocument>,
    /// What a reader must know beyond version 1 to read anything at all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<String>,
    /// What the experiments need, so that a small reader can tell before it loads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
}

/// One experiment as published.
#[derive(Clone, Debug, Serialize)]
pub struct ExperimentDocument {
    /// Stable identifier, opaque to readers.
    pub id: String,
    /// The name that callers ask for.
    pub key: String,
    /// `RUNNING` or `CONCLUDED`.
    pub status: String,
    /// Mixed into the bucket hash.
    pub salt: String,
    /// `murmur3` or `fnv1a64`.
    pub hash: String,
    /// The attribute that is hashed; `user_key` unless said otherwise.
    pub bucket_by: String,
    /// Whether hosts remember what they assign.
    pub sticky: bool,
    /// In the author's order.
    pub variants: Vec<VariantDocument>,
    /// Sorted by `range_start`; never overlapping.
    pub allocations: Vec<AllocationDocument>,
    /// Who is eligible; empty means everyone.
    pub targeting_rules: Vec<TargetingRule>,
    /// Deliveries ahead of the split, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<DeliveryRule>,
    /// Variant key by user key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub overrides: BTreeMap<String, String>,
    /// Decisions of other experiments that must hold first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prerequisites: Vec<PrerequisiteDocument>,
    /// The mutual-exclusion layer, if the experiment is in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<LayerDocument>,
    /// Holdouts that cover the experiment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub holdouts: Vec<LayerDocument>,
    /// The variant that a concluded experiment delivers.
    pub winner: Option<String>,
    /// `["regex"]` when a condition uses `matches` or `notMatches`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<String>,
}

/// A variant and what callers get for it.
#[derive(Clone, Debug, Serialize)]
pub struct VariantDocument {
    /// Stable identifier, opaque to readers.
    pub id: String,
    /// Unique within the experiment.
    pub key: String,
    /// Any JSON, byte for byte as its author sent it.
    pub payload: Box<RawValue>,
}

/// Buckets that belong to one variant.
#[derive(Clone, Debug, Serialize)]
pub struct AllocationDocument {
    /// A variant key of the same experiment.
    pub variant: String,
    /// First bucket, 0 to 9999.
    pub range_start: u16,
    /// Last bucket, inclusive.
    pub range_end: u16,
}

/// Buckets without an owner, in groups and holdouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RangeDocument {
    /// First bucket, 0 to 9999.
    pub range_start: u16,
    /// Last bucket, inclusive.
    pub range_end: u16,
}

/// Conditions that must all hold.
#[derive(Clone, Debug, Serialize)]
pub struct TargetingRule {
    /// None of them: the rule matches everyone.
    pub conditions: Vec<ConditionDocument>,
}

/// A delivery: who matches gets `variant`, or what `allocations` say. Exactly one of the two.
#[derive(Clone, Debug, Serialize)]
pub struct DeliveryRule {
    /// None of them: the rule matches everyone.
    pub conditions: Vec<ConditionDocument>,
    /// A variant key of the same experiment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// A percentage roll-out over the experiment's own buckets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocations: Option<Vec<AllocationDocument>>,
}

/// A question about one attribute of the subject.
#[derive(Clone, Debug, Serialize)]
pub struct ConditionDocument {
    /// An attribute's name or dotted path; ignored by the segment operators.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// An operator of the decision semantics, such as `eq`.
    pub operator: String,
    /// What the attribute is compared with, as JSON text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Box<RawValue>>,
    /// Compare lowercased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore_case: Option<bool>,
}

/// "That experiment must have given one of these variants."
#[derive(Clone, Debug, Serialize)]
pub struct PrerequisiteDocument {
    /// An experiment key.
    pub experiment: String,
    /// Variant keys of it.
    pub variants: Vec<String>,
}

/// A group or a holdout as an experiment carries it.
#[derive(Clone, Debug, Serialize)]
pub struct LayerDocument {
    /// The group's or holdout's name.
    pub key: String,
    /// Mixed into the layer's murmur3 bucket.
    pub salt: String,
    /// The attribute that is hashed; `user_key` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket_by: Option<String>,
    /// For a group the buckets this experiment admits, for a holdout those it withholds.
    pub ranges: Vec<RangeDocument>,
}
