//! `If-Match`: the version a change was made for.

use axum::extract::FromRequestParts;
use axum::http::header::IF_MATCH;
use axum::http::request::Parts;

use crate::problem::Problem;

/// The version that the caller expects to change; none: whatever it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfMatch(pub Option<i64>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(IF_MATCH) else { return Ok(Self(None)) };
        value.to_str().ok().and_then(parse).ok_or_else(|| {
            Problem::bad_request("invalid_if_match", "If-Match takes one version, such as \"3\", or *.")
        })
    }
}

fn parse(value: &str) -> Option<IfMatch> {
    let value = value.trim();
    if value == "*" {
        return Some(IfMatch(None));
    }
    let bare = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    bare.parse().ok().map(|version| IfMatch(Some(version)))
}

/// The `ETag` of a resource at a version.
pub fn etag(version: i64) -> [(axum::http::HeaderName, String); 1] {
    [(axum::http::header::ETAG, format!("\"{version}\""))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_versions() {
        assert_eq!(parse("\"3\""), Some(IfMatch(Some(3))));
        assert_eq!(parse("3"), Some(IfMatch(Some(3))));
        assert_eq!(parse("*"), Some(IfMatch(None)));
        assert_eq!(parse("\"a\""), None);
        assert_eq!(parse("\"3\", \"4\""), None);
    }
}
