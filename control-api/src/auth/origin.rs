//! Keeping web pages away from an admin API without tokens.
//!
//! A browser on this machine can reach a loopback address on behalf of any page. Three checks stand
//! against that: the `Host` has to be a loopback name (a page's own name that was rebound to
//! 127.0.0.1 is not), the `Origin` too, and a write has to say `application/json`, which a page
//! cannot do across origins without asking first and being refused.

use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;

use crate::extract::body::is_json_type;
use crate::problem::Problem;
use crate::state::AppState;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Middleware of the admin API: refuses what could come from a web page when no token is asked for.
pub async fn guard_anonymous(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if state.access.is_anonymous_allowed() {
        check_host(request.headers(), request.uri())?;
        check_origin(request.headers())?;
        if !request.method().is_safe() {
            check_content_type(request.headers())?;
        }
    }
    Ok(next.run(request).await)
}

fn check_host(headers: &HeaderMap, uri: &Uri) -> Result<(), Problem> {
    let host = headers.get(HOST).and_then(|value| value.to_str().ok());
    let in_uri = uri.authority().is_none_or(|authority| is_loopback(authority.as_str()));
    if in_uri && host.is_some_and(is_loopback) {
        return Ok(());
    }
    Err(forbidden("foreign_host", "Without a token only loopback Host names are answered."))
}

fn check_origin(headers: &HeaderMap) -> Result<(), Problem> {
    let is_same_site = |origin: &str| {
        let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        authority.is_some_and(is_loopback)
    };
    let mut origins = headers.get_all(ORIGIN).iter();
    let all_ours = origins.all(|origin| origin.to_str().is_ok_and(is_same_site));
    let cross_site = headers.get(SEC_FETCH_SITE).is_some_and(|site| site == "cross-site");
    if all_ours && !cross_site {
        return Ok(());
    }
    Err(forbidden("foreign_origin", "Without a token pages of other sites are not answered."))
}

fn check_content_type(headers: &HeaderMap) -> Result<(), Problem> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if content_type.is_some_and(is_json_type) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_media_type",
        "Without a token every write has to say `Content-Type: application/json`.",
    ))
}

/// Whether a host, with or without a port, can only be this machine.
fn is_loopback(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let host = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn forbidden(code: &'static str, detail: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, code, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for ours in ["localhost", "LOCALHOST:3000", "127.0.0.1:80", "127.9.9.9", "[::1]:3000", "[::1]"] {
            assert!(is_loopback(ours), "{ours}");
        }
        for other in ["example.com", "localhost.example.com", "127.0.0.1.nip.io", "0.0.0.0", "", ":80"] {
            assert!(!is_loopback(other), "{other}");
        }
    }
}
