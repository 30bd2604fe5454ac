//! Bodies.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use serde_json::value::RawValue;

use super::limits::{MAX_BODY_BYTES, MAX_SAMPLE_BODY_BYTES};
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
            return Err(unsupported("Send the body as application/json."));
        }
        Self::of_json(read(request, state, MAX_BODY_BYTES).await?)
    }
}

/// A JSON body, which may be large; or one subject to a line as `application/x-ndjson`, which is the same
/// as `{"subjects": [...]}`. The router of such a route allows [`MAX_SAMPLE_BODY_BYTES`].
#[derive(Debug)]
pub struct LargeBody(pub JsonBody);

impl LargeBody {
    /// Refuses what is only large.
    pub fn require_small(&self) -> Result<(), Problem> {
        if self.0.0.len() > MAX_BODY_BYTES { Err(too_large(MAX_BODY_BYTES)) } else { Ok(()) }
    }
}

impl<S: Send + Sync> FromRequest<S> for LargeBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_lines = is_lines(&request);
        if !is_lines && !is_json(&request) {
            return Err(unsupported("Send the body as application/json or application/x-ndjson."));
        }
        let bytes = read(request, state, MAX_SAMPLE_BODY_BYTES).await?;
        let body = if is_lines { JsonBody::of_lines(&bytes) } else { JsonBody::of_json(bytes) };
        body.map(Self)
    }
}

impl JsonBody {
    fn of_json(bytes: Bytes) -> Result<Self, Problem> {
        let is_nothing = bytes.is_empty() || bytes.trim_ascii() == b"null";
        let bytes = if is_nothing { Bytes::from_static(b"{}") } else { bytes };
        parse(&bytes)?;
        Ok(Self(bytes))
    }

    /// `{"subjects": [...]}` of the lines that are not empty.
    fn of_lines(bytes: &[u8]) -> Result<Self, Problem> {
        let mut body = Vec::with_capacity(bytes.len() + 32);
        body.extend(b"{\"subjects\":[");
        let mut is_first = true;
        for (index, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
            let line = line.trim_ascii();
            if line.is_empty() {
                continue;
            }
            if serde_json::from_slice::<&RawValue>(line).is_err() {
                let detail = format!("Line {} of the body is not JSON.", index + 1);
                return Err(Problem::bad_request("malformed_json", detail));
            }
            if !is_first {
                body.push(b',');
            }
            is_first = false;
            body.extend(line);
        }
        body.extend(b"]}");
        Ok(Self(body.into()))
    }
}

/// The whole body, of at most `limit` bytes, which the router sets.
async fn read<S: Send + Sync>(request: Request, state: &S, limit: usize) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|error| {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            too_large(limit)
        } else {
            Problem::bad_request("unreadable_body", "The body ended before it was complete.")
        }
    })
}

fn too_large(limit: usize) -> Problem {
    let detail = format!("The body is over {limit} bytes.");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
}

fn unsupported(detail: &str) -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)
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

/// Whether the request says that each of its lines is JSON.
fn is_lines(request: &Request) -> bool {
    let value = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-ndjson")
}

/// Whether a content type is `application/json`, with or without parameters.
pub fn is_json_type(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}
