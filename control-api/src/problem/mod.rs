//! Errors as the API answers them: RFC 9457 problem details, one shape everywhere.

mod body;
mod from_object_store;
mod from_refusal;
mod from_store;
mod render;

pub use body::{FieldFault, ProblemBody};
pub use render::render;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use lotwise_core::Fault;

use crate::domain::preview::Preview;
use crate::domain::status::Status;

/// The code of a field that is over its limit: the one fault that makes a body a 400 instead of a
/// 422.
pub const FIELD_TOO_LARGE: &str = "field_too_large";

/// An error answer. Handlers return it; the middleware around them adds the request id and writes
/// the body, see [`render`].
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<Fault>,
    open_transitions: Option<&'static [Status]>,
    free_buckets: Option<u16>,
    retry_after_seconds: Option<u32>,
    diff: Option<Box<Preview>>,
}

impl Problem {
    /// A problem of this status; `code` is its stable name.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            open_transitions: None,
            free_buckets: None,
            retry_after_seconds: None,
            diff: None,
        }
    }

    /// 400: the request cannot be read.
    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// 404: there is no such thing.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("There is no such {what}."))
    }

    /// 409: not in the present state.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// 422, or 400 when a field is over its limit: each place in the body that is wrong.
    pub fn invalid(errors: Vec<Fault>) -> Self {
        let too_large = errors.iter().any(|fault| fault.code == FIELD_TOO_LARGE);
        let status = if too_large { StatusCode::BAD_REQUEST } else { StatusCode::UNPROCESSABLE_ENTITY };
        let detail = match errors.as_slice() {
            [one] => one.detail.clone(),
            many => format!("{} places of the body are wrong; see `errors`.", many.len()),
        };
        Self { errors, ..Self::new(status, "invalid_body", detail) }
    }

    /// 500. The cause is logged here, once, and never sent.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong here.")
    }

    /// 503: something this server needs does not answer. Worth another try.
    pub fn unavailable(code: &'static str, detail: impl Into<String>) -> Self {
        Self { retry_after_seconds: Some(1), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail) }
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        self.status
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::invalid(vec![fault])
    }
}

impl IntoResponse for Problem {
    /// The status alone, with the problem beside it for [`render`] to write out.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
