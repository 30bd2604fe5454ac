//! Requests as a host hands them over.

use crate::problem::Problem;
use crate::route::max_body_bytes;

/// The largest body that most routes look at, in bytes.
pub(crate) const MAX_BODY_BYTES: usize = 256 << 10;

/// The longest request id that is taken over from a caller.
const MAX_REQUEST_ID_BYTES: usize = 128;

/// Whether a caller's request id can be taken: 1 to 128 visible ASCII characters.
pub fn is_request_id(text: &str) -> bool {
    (1..=MAX_REQUEST_ID_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// An HTTP method, as far as routes tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`, and `HEAD`, whose body the host leaves out.
    Get,
    /// `POST`
    Post,
    /// `OPTIONS`
    Options,
    /// Anything else.
    Other,
}

impl Method {
    /// The method of this name.
    pub fn from_name(name: &str) -> Self {
        match name {
            "GET" | "HEAD" => Self::Get,
            "POST" => Self::Post,
            "OPTIONS" => Self::Options,
            _ => Self::Other,
        }
    }
}

/// A request: the parts that a decide service looks at.
#[derive(Clone, Copy, Debug)]
pub struct Request<'r> {
    /// The method.
    pub method: Method,
    /// The path, percent-encoded as it came.
    pub path: &'r str,
    /// What follows the `?`, percent-encoded as it came.
    pub query: Option<&'r str>,
    /// `Origin`
    pub origin: Option<&'r str>,
    /// `Authorization`
    pub authorization: Option<&'r str>,
    /// `X-API-Key`
    pub api_key: Option<&'r str>,
    /// `If-None-Match`
    pub if_none_match: Option<&'r str>,
    /// `Cookie`; several of them joined with `; `.
    pub cookie: Option<&'r str>,
    /// `Content-Type`
    pub content_type: Option<&'r str>,
    /// The body; `None` when it was larger than [`max_body_bytes`] of the path.
    pub body: Option<&'r [u8]>,
    /// The request id, already checked or made by the host.
    pub request_id: &'r str,
}

impl<'r> Request<'r> {
    /// The body as text.
    ///
    /// # Errors
    ///
    /// A body that was too large, or is not UTF-8.
    pub(crate) fn text(&self) -> Result<&'r str, Problem> {
        let body = self.body.ok_or_else(|| {
            let limit = max_body_bytes(self.path);
            Problem::new(413, "body_too_large", format!("A body may have up to {limit} bytes here."))
        })?;
        core::str::from_utf8(body).map_err(|_| Problem::new(400, "malformed_json", "The body is not UTF-8."))
    }

    /// The key that the caller presents.
    pub(crate) fn presented_key(&self) -> Option<&'r str> {
        let bearer = self.authorization.and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
        });
        self.api_key.filter(|key| !key.is_empty()).or(bearer)
    }
}
