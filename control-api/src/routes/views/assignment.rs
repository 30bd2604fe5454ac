//! Assignments as answers show them.

use lotwise_core::Fault;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::assign::Assignment;

/// What a user gets.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Assignment)]
pub struct AssignmentView {
    /// The variant's key; null: the user is not in.
    pub variant: Option<String>,
    /// The variant's id.
    pub variant_id: Option<String>,
    /// The variant's payload, byte for byte as its author sent it.
    #[schema(value_type = Option<serde_json::Value>)]
    pub payload: Option<Box<RawValue>>,
    /// Why: `SPLIT`, `STICKY`, `RULE`, `OVERRIDE` or `CONCLUDED` with a variant, `TARGETING_MISMATCH`,
    /// `PREREQUISITE_FAILED`, `HOLDOUT`, `EXCLUDED_BY_GROUP`, `NO_BUCKETING_KEY`, `NOT_IN_TRAFFIC` or
    /// `UNSUPPORTED` without one.
    pub reason: &'static str,
    /// Whether QA or staff pinned it.
    pub is_override: bool,
}

/// What each user of a batch gets.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Assignments)]
pub struct AssignmentsView {
    /// Of the users who could be taken, in the order of the batch.
    pub assignments: Vec<IndexedAssignment>,
    /// What was wrong with the others.
    pub errors: Vec<RefusedUser>,
}

/// What one user of a batch gets.
#[derive(Debug, Serialize, ToSchema)]
pub struct IndexedAssignment {
    /// Where the user stands in the batch.
    pub index: usize,
    /// What they get.
    #[serde(flatten)]
    pub assignment: AssignmentView,
}

/// One thing that is wrong with a user of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusedUser {
    /// Where the user stands in the batch.
    pub index: usize,
    /// JSON pointer (RFC 6901) into the body.
    pub pointer: String,
    /// A stable name of the fault, for programs.
    pub code: &'static str,
    /// What is wrong and what would be right, for people.
    pub detail: String,
}

impl From<Assignment> for AssignmentView {
    fn from(assignment: Assignment) -> Self {
        let (reason, is_override) = (assignment.reason.name(), assignment.is_override());
        let (variant, variant_id, payload) = match assignment.variant {
            Some(variant) => (Some(variant.key), Some(variant.id), Some(variant.payload)),
            None => (None, None, None),
        };
        Self { variant, variant_id, payload, reason, is_override }
    }
}

impl IndexedAssignment {
    /// The assignment of the user at `index`.
    pub fn new(index: usize, assignment: Assignment) -> Self {
        Self { index, assignment: assignment.into() }
    }
}

impl RefusedUser {
    /// A fault of the user at `index`.
    pub fn new(index: usize, fault: Fault) -> Self {
        Self { index, pointer: fault.pointer, code: fault.code, detail: fault.detail }
    }
}
