//! Requests of the decide service as axum hands them over, and its responses as axum takes them.

use std::borrow::Cow;
use std::net::SocketAddr;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response as HttpResponse;
use lotwise_serving::{Method, Request as Asked, Response, max_body_bytes};

use crate::http::RequestId;

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// A request, read.
#[derive(Debug)]
pub struct Incoming {
    parts: Parts,
    method: Method,
    body: Option<Bytes>,
    cookies: Option<String>,
    id: RequestId,
}

impl Incoming {
    /// Reads a request, as much of its body as its path may have.
    pub async fn read(request: Request, id: RequestId) -> Self {
        let (parts, body) = request.into_parts();
        let method = Method::from_name(parts.method.as_str());
        let body = match method {
            Method::Post => to_bytes(body, max_body_bytes(parts.uri.path())).await.ok(),
            _ => Some(Bytes::new()),
        };
        let cookies = cookies(&parts.headers).map(Cow::into_owned);
        Self { parts, method, body, cookies, id }
    }

    /// What the service looks at.
    pub fn asked(&self) -> Asked<'_> {
        let text = |name: HeaderName| self.header(&name);
        Asked {
            method: self.method,
            path: self.parts.uri.path(),
            query: self.parts.uri.query(),
            origin: text(header::ORIGIN),
            authorization: text(header::AUTHORIZATION),
            api_key: text(X_API_KEY),
            if_none_match: text(header::IF_NONE_MATCH),
            cookie: self.cookies.as_deref(),
            content_type: text(header::CONTENT_TYPE),
            body: self.body.as_deref(),
            request_id: self.id.as_str(),
        }
    }

    /// A header that is text.
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.parts.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// The other end of the connection.
    pub(super) fn peer(&self) -> Option<SocketAddr> {
        self.parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0)
    }
}

/// All cookies in one. Another's that is not UTF-8 does not spoil ours.
fn cookies(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    let values = headers.get_all(header::COOKIE).iter();
    values.map(|value| String::from_utf8_lossy(value.as_bytes())).reduce(|all, next| all + "; " + next)
}

/// The response as axum takes it.
pub fn into_http(response: Response) -> HttpResponse {
    let mut http = HttpResponse::new(Body::from(response.body));
    *http.status_mut() = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in response.headers {
        let value = match value {
            Cow::Borrowed(text) => HeaderValue::from_static(text),
            // Values are made of checked text; one that no header can carry is left out.
            Cow::Owned(text) => match HeaderValue::try_from(text) {
                Ok(value) => value,
                Err(_) => continue,
            },
        };
        http.headers_mut().append(HeaderName::from_static(name), value);
    }
    http
}
