//! Who a request comes from.

use std::fmt;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{Error, cookie};
use crate::http::{RequestId, X_REQUEST_ID};
use crate::problem;

/// What every key of an anonymous visitor begins with, so that none can pass for a user's: whoever has a
/// browser can send any cookie.
const ANONYMOUS: &str = "anonymous:";

/// Who a request comes from, as [`identify`] found out. Stands in the request's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// The user key: the session's, or `anonymous:` and the cookie's.
    pub user_key: String,
    /// Whether it is the cookie's.
    pub is_anonymous: bool,
    /// `x-request-id`, or one that was made.
    pub request_id: String,
}

/// How visitors are told apart. Cheap to clone.
#[derive(Clone)]
pub struct Visitors {
    cookie: Arc<str>,
    is_secure: bool,
    session: Arc<SessionUser>,
}

type SessionUser = dyn Fn(&Parts) -> Option<String> + Send + Sync;

impl Visitors {
    /// Everyone is anonymous, and told apart by the cookie `lotwise_id`, which browsers send back over
    /// HTTPS only.
    pub fn new() -> Self {
        Self { cookie: "lotwise_id".into(), is_secure: true, session: Arc::new(|_| None) }
    }

    /// Takes a user's key from the session, where there is one: from what the application's own
    /// middleware has put into the extensions, say. No key, or one that is empty: the visitor is anonymous.
    pub fn with_session(
        self,
        user: impl Fn(&Parts) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        Self { session: Arc::new(user), ..self }
    }

    /// Another name for the cookie.
    pub fn with_cookie(self, name: &str) -> Self {
        Self { cookie: name.into(), ..self }
    }

    /// Lets the cookie travel over plain HTTP: for development.
    pub fn over_plain_http(self) -> Self {
        Self { is_secure: false, ..self }
    }
}

impl Default for Visitors {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Visitors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visitors")
            .field("cookie", &self.cookie)
            .field("is_secure", &self.is_secure)
            .finish_non_exhaustive()
    }
}

/// Middleware: finds out who asks, before the handlers, and gives an anonymous visitor who has none the
/// cookie, after them. It also writes out the errors of this module, and echoes `x-request-id`.
///
/// As a layer: `from_fn_with_state(visitors, identify)`.
pub async fn identify(State(visitors): State<Visitors>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let request_id = RequestId::take_or_make(&parts.headers);
    let (visitor, new_id) = match visitors.visitor(&parts, request_id.as_str()) {
        Ok(found) => found,
        Err(error) => return problem::render(error.into_response(), request_id.as_str()),
    };
    parts.extensions.insert(visitor);
    let response = next.run(Request::from_parts(parts, body)).await;
    let mut response = problem::render(response, request_id.as_str());
    let headers = response.headers_mut();
    if let Some(cookie) = new_id.and_then(|id| cookie::set(&visitors.cookie, &id, visitors.is_secure)) {
        headers.append(SET_COOKIE, cookie);
    }
    headers.insert(X_REQUEST_ID, request_id.into_header());
    response
}

impl Visitors {
    /// Who it is, and the id that the browser is to keep, if it has none yet.
    fn visitor(&self, parts: &Parts, request_id: &str) -> Result<(Visitor, Option<String>), Error> {
        let visitor = |user_key: String, is_anonymous| Visitor {
            user_key,
            is_anonymous,
            request_id: request_id.to_owned(),
        };
        if let Some(user_key) = (self.session)(parts).filter(|key| !key.is_empty()) {
            return Ok((visitor(user_key, false), None));
        }
        let known = cookie::find(&parts.headers, &self.cookie);
        let is_new = known.is_none();
        let id = match known {
            Some(id) => id,
            None => cookie::new_id().map_err(|error| Error::Internal(error.to_string()))?,
        };
        Ok((visitor(format!("{ANONYMOUS}{id}"), true), is_new.then_some(id)))
    }
}
