//! What a problem looks like on the wire.

use lotwise_core::Fault;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::preview::Preview;
use crate::domain::status::Status;

/// Problem details (RFC 9457), `application/problem+json`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub struct ProblemBody<'a> {
    /// `urn:lotwise:problem:` and the code.
    pub r#type: String,
    /// The status in words.
    pub title: &'a str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What is wrong with this request, for people.
    pub detail: &'a str,
    /// The request id, also in `x-request-id`.
    pub instance: &'a str,
    /// A stable name of the problem, for programs.
    pub code: &'a str,
    /// Every place of the body that is wrong.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub errors: Vec<FieldFault<'a>>,
    /// Of a status change that is not open: those that are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub open_transitions: Option<&'a [Status]>,
    /// Of a publish that would move users: whom, and the digest to confirm it with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub diff: Option<&'a Preview>,
    /// Of a claim that is too large: how many buckets of the group are free.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub free_buckets: Option<u16>,
}

/// One place of a body that is wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldFault<'a> {
    /// JSON pointer (RFC 6901) into the body; empty for the body as a whole.
    pub pointer: &'a str,
    /// A stable name of the fault, for programs.
    pub code: &'a str,
    /// What is wrong and what would be right, for people.
    pub detail: &'a str,
}

impl<'a> From<&'a Fault> for FieldFault<'a> {
    fn from(fault: &'a Fault) -> Self {
        Self { pointer: &fault.pointer, code: fault.code, detail: &fault.detail }
    }
}
