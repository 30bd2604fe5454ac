//! What is wrong with a request: RFC 9457 problem details.

use std::borrow::Cow;

use serde::Serialize;

use crate::response::Response;

/// A problem. Nothing of it tells secrets, paths or addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The status code.
    pub status: u16,
    /// A stable, machine-readable name.
    pub code: &'static str,
    /// What is wrong and what to do, for people.
    pub detail: Cow<'static, str>,
    /// Where in the request, if the fault has a place: pointer, code, detail.
    pub errors: Vec<FieldFault>,
}

/// One place of the request that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldFault {
    /// JSON pointer into the body, or the same form for a query parameter.
    pub pointer: String,
    /// A stable name of the fault.
    pub code: &'static str,
    /// What would be right.
    pub detail: String,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    instance: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldFault],
}

impl Problem {
    /// A problem of the request as a whole.
    pub fn new(status: u16, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, detail: detail.into(), errors: Vec::new() }
    }

    /// The problem details.
    pub fn response(&self, request_id: &str) -> Response {
        let body = Body {
            r#type: format!("urn:lotwise:problem:{}", self.code),
            title: title(self.status),
            status: self.status,
            detail: &self.detail,
            instance: request_id,
            code: self.code,
            errors: &self.errors,
        };
        // Strings and numbers always serialise.
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let headers =
            vec![("content-type", "application/problem+json".into()), ("cache-control", "no-store".into())];
        let response = Response { status: self.status, headers, body };
        match self.status {
            401 => response.with_header("www-authenticate", "Bearer"),
            429 | 503 => response.with_header("retry-after", "1"),
            _ => response,
        }
    }
}

/// The answer to a client over its rate.
pub(crate) fn rate_limited(retry_after_seconds: u64, request_id: &str) -> Response {
    let problem = Problem::new(429, "rate_limited", "Too many requests; Retry-After says when to come back.");
    let mut response = problem.response(request_id);
    response.headers.retain(|(name, _)| *name != "retry-after");
    response.with_header("retry-after", retry_after_seconds.to_string())
}

fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}
