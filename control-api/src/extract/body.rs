//! Bodies.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use serde_json::value::RawValue;

use super::limits::MAX_BODY_BYTES;
use super::scan::scan;
use super::{Faults, Fields};
use crate::problem::Problem;

/// A JSON body, read and found well-formed. An empty body, or null, is read as `{}`: actions
/// that need nothing are posted without one, and where a field is needed its absence is named.
#[derive(Debug)]
pub struct JsonBody(Bytes);

impl JsonBody {
    /// The fields of the body's object. Faults of its JSON as a whole are noted at once.
    pub fn fields(&self, faults: &mut Faults) -> Result<Fields<'_>, Problem> {
        let raw = parse(&self.0)?;
        scan("", raw, faults);
        match Fields::open("", raw, faults) {
            Some(fields) => Ok(fields),
            None => Err(faults.clone().finish().err().map_or_else(
                || Problem::bad_request("malformed_json", "The body is not a JSON object."),
                Into::into,
            )),
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(&request) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "Send the body as application/json.",
            ));
        }
        // The limit is the router's.
        let bytes = Bytes::from_request(request, state).await.map_err(|error| {
            if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
                let detail = format!("The body is over {MAX_BODY_BYTES} bytes.");
                Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
            } else {
                Problem::bad_request("unreadable_body", "The body ended before it was complete.")
            }
        })?;
        let is_nothing = bytes.is_empty() || bytes.trim_ascii() == b"null";
        let bytes = if is_nothing { Bytes::from_static(b"{}") } else { bytes };
        parse(&bytes)?;
        Ok(Self(bytes))
    }
}

fn parse(bytes: &[u8]) -> Result<&RawValue, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        let detail = format!("The body is not JSON (line {}, column {}).", error.line(), error.column());
        Problem::bad_request("malformed_json", detail)
    })
}

/// Whether the request says that it is JSON, or does not say.
fn is_json(request: &Request) -> bool {
    let Some(value) = request.headers().get(CONTENT_TYPE) else { return true };
    is_json_type(value.to_str().unwrap_or_default())
}

/// Whether a content type is `application/json`, with or without parameters.
pub fn is_json_type(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}
