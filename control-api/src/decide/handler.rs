//! Requests of the decide role: axum in front, `lotwise_serving` behind.

use std::borrow::Cow;
use std::cell::RefCell;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response as HttpResponse;
use lotwise_core::Scratch;
use lotwise_serving::{
    Access, Call, Found, Method, Request as Asked, Response, Settings, add_cors, max_body_bytes, route,
};

use super::address::client_address;
use super::role::DecideRole;
use crate::http::{RequestId, observe_decision};

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

thread_local! {
    /// Deciding does not wait, so one scratch per thread serves all requests on it.
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::new());
}

/// Answers any request of the role.
pub(super) async fn handle(State(role): State<Arc<DecideRole>>, request: Request) -> HttpResponse {
    observe_decision(request, |request, id| answer_http(role, request, id)).await
}

async fn answer_http(role: Arc<DecideRole>, request: Request, id: RequestId) -> HttpResponse {
    let (parts, body) = request.into_parts();
    let method = Method::from_name(parts.method.as_str());
    let body = match method {
        Method::Post => to_bytes(body, max_body_bytes(parts.uri.path())).await.ok(),
        _ => Some(axum::body::Bytes::new()),
    };
    let text = |name: HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let cookies = cookies(&parts.headers);
    let asked = Asked {
        method,
        path: parts.uri.path(),
        query: parts.uri.query(),
        origin: text(header::ORIGIN),
        authorization: text(header::AUTHORIZATION),
        api_key: text(X_API_KEY),
        if_none_match: text(header::IF_NONE_MATCH),
        cookie: cookies.as_deref(),
        content_type: text(header::CONTENT_TYPE),
        body: body.as_deref(),
        request_id: id.as_str(),
    };
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    let client = Client { peer, headers: &parts.headers };
    // Kept for the whole request: keys may be replaced meanwhile.
    let serving = role.serving();
    let mut response = answer(&role, &serving, &asked, client).await;
    add_cors(&serving, &asked, &mut response);
    into_http(response)
}

/// All cookies in one. Another's that is not UTF-8 does not spoil ours.
fn cookies(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    let values = headers.get_all(header::COOKIE).iter();
    values.map(|value| String::from_utf8_lossy(value.as_bytes())).reduce(|all, next| all + "; " + next)
}

/// What rate limits look at.
#[derive(Clone, Copy)]
struct Client<'r> {
    peer: Option<SocketAddr>,
    headers: &'r HeaderMap,
}

async fn answer(role: &DecideRole, serving: &Settings, asked: &Asked<'_>, client: Client<'_>) -> Response {
    match route(serving, asked) {
        Call::Answered(response) => response,
        Call::Question(call, access) => {
            if let Err(seconds) = admit(role, client, access) {
                return call.answer_rate_limited(seconds);
            }
            match role.reader.find(call.environment()).await {
                Found::Held(published) => timed(|scratch| call.answer(&published, scratch)),
                Found::Absent => call.answer_absent(),
                Found::Unavailable => call.answer_unavailable(),
            }
        }
        Call::Events(call, _) => call.answer_no_queue(),
        // Boxed: what fetching keeps is large, and every other request would have to carry the room for it.
        Call::Passthrough(call) => Box::pin(call.answer(&role.reader, asked)).await,
        Call::Health => Response::json(200, role.health().to_string().into_bytes()),
        Call::Ready => role.reader.answer_ready(asked.request_id),
    }
}

/// Takes a token of the client's; `Err` says after how many seconds to come back.
fn admit(role: &DecideRole, client: Client<'_>, access: Access<'_>) -> Result<(), u64> {
    let (Some(limiter), Some(peer)) = (&role.limiter, client.peer) else { return Ok(()) };
    let address = client_address(peer, client.headers, role.settings.trusted_proxy_hops);
    limiter.take(address, access.key)
}

/// Decides, and says in `Server-Timing` how long it took.
fn timed(decide: impl FnOnce(&mut Scratch) -> Response) -> Response {
    let started = Instant::now();
    let response = SCRATCH.with_borrow_mut(decide);
    let microseconds = started.elapsed().as_micros();
    let (whole, thousandths) = (microseconds / 1000, microseconds % 1000);
    response.with_header("server-timing", format!("decide;dur={whole}.{thousandths:03}"))
}

fn into_http(response: Response) -> HttpResponse {
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
