//! What a request brings to say whose it is.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderName};

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// The texts that a request presents, the bearer token first.
pub(super) fn presented(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let key = headers.get(X_API_KEY).and_then(|value| value.to_str().ok());
    bearer(headers).into_iter().chain(key).filter(|text| !text.is_empty())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
