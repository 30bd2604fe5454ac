//! Request id, access log, panics and problems written out: what is outermost.

use std::pin::pin;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use super::panic::catch_panic;
use super::request_id::{RequestId, X_REQUEST_ID};
use crate::{problem, prometheus};

/// Middleware around everything but decisions: every request is logged.
pub async fn observe(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::take_or_make(request.headers());
    // For the history, and for what is recorded on behalf of the request.
    request.extensions_mut().insert(id.clone());
    let method = request.method().clone();
    // The route, not the path: paths hold what callers send.
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let span = tracing::info_span!("request", id = id.as_str());
    async move {
        let response = complete(next.run(request), id).await;
        prometheus::answered(
            route.as_deref(),
            method.as_str(),
            response.status().as_u16(),
            started.elapsed(),
        );
        tracing::info!(
            %method,
            route = route.as_deref().unwrap_or("-"),
            status = response.status().as_u16(),
            elapsed_us = microseconds_since(started),
            "answered"
        );
        response
    }
    .instrument(span)
    .await
}

/// The same around decisions, of which there are too many for a line each: they are logged at DEBUG,
/// and at WARN when the answer is an error of ours.
pub async fn observe_decision<F: Future<Output = Response>>(
    request: Request,
    answer: impl FnOnce(Request, RequestId) -> F,
) -> Response {
    let started = Instant::now();
    let id = RequestId::take_or_make(request.headers());
    let method = request.method().clone();
    let span = tracing::debug_span!("request", id = id.as_str());
    // Handed on by reference, as each layer that owned it would copy all of it once more.
    let answer = pin!(answer(request, id.clone()));
    let response = complete(answer, id.clone()).instrument(span).await;
    let (id, status) = (id.as_str(), response.status());
    prometheus::answered(Some("decide"), method.as_str(), status.as_u16(), started.elapsed());
    let elapsed_us = || microseconds_since(started);
    if status.is_server_error() {
        tracing::warn!(id, status = status.as_u16(), elapsed_us = elapsed_us(), "failed");
    } else {
        tracing::debug!(id, status = status.as_u16(), elapsed_us = elapsed_us(), "answered");
    }
    response
}

async fn complete(answer: impl Future<Output = Response>, id: RequestId) -> Response {
    let mut response = problem::render(catch_panic(answer).await, id.as_str());
    response.headers_mut().insert(X_REQUEST_ID, id.into_header());
    response
}

fn microseconds_since(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX)
}
