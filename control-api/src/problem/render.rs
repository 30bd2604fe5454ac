//! Writing problems out.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

use super::{Problem, ProblemBody};

/// Gives a response that carries a [`Problem`] its body and headers; leaves others alone.
pub fn render(mut response: Response, request_id: &str) -> Response {
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    let body = ProblemBody {
        r#type: format!("urn:lotwise:problem:{}", problem.code),
        title: problem.status.canonical_reason().unwrap_or("Error"),
        status: problem.status.as_u16(),
        detail: &problem.detail,
        instance: request_id,
        code: problem.code,
        errors: problem.errors.iter().map(Into::into).collect(),
        open_transitions: problem.open_transitions,
        diff: problem.diff.as_deref(),
        free_buckets: problem.free_buckets,
    };
    // Serialising cannot fail: strings and numbers only.
    let bytes = serde_json::to_vec(&body).unwrap_or_default();
    *response.body_mut() = Body::from(bytes);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if problem.status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"lotwise\""));
    }
    if let Some(seconds) = problem.retry_after_seconds {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    response
}
