//! Cross-origin rules: exactly the configured origins, and caches are told that it matters.

use crate::request::Request;
use crate::response::Response;
use crate::settings::Settings;

/// Adds CORS headers to the response of a request.
pub fn add_cors(settings: &Settings, request: &Request<'_>, response: &mut Response) {
    if settings.cors_origins.is_empty() {
        return;
    }
    response.headers.push(("vary", "Origin".into()));
    let Some(origin) =
        request.origin.filter(|origin| settings.cors_origins.iter().any(|known| known == origin))
    else {
        return;
    };
    response.headers.push(("access-control-allow-origin", origin.to_owned().into()));
    if !settings.sticky_keys.is_empty() {
        response.headers.push(("access-control-allow-credentials", "true".into()));
    }
    let exposed = "etag, retry-after, server-timing, x-request-id";
    response.headers.push(("access-control-expose-headers", exposed.into()));
}

/// The answer to `OPTIONS`.
pub(crate) fn preflight(allow: &'static str) -> Response {
    Response::empty(204)
        .with_header("allow", allow)
        .with_header("access-control-allow-methods", allow)
        .with_header(
            "access-control-allow-headers",
            "authorization, content-type, if-none-match, x-api-key, x-request-id",
        )
        .with_header("access-control-max-age", "600")
}
