//! Request id, access log, and problems written out: the outermost layer.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use super::request_id::{RequestId, X_REQUEST_ID};
use crate::problem;

/// Middleware around everything.
pub async fn observe(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::take_or_make(request.headers());
    let method = request.method().clone();
    // The route, not the path: paths hold what callers send.
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let span = tracing::info_span!("request", id = id.as_str());
    request.extensions_mut().insert(id.clone());
    async move {
        let mut response = problem::render(next.run(request).await, id.as_str());
        response.headers_mut().insert(X_REQUEST_ID, id.header());
        tracing::info!(
            %method,
            route = route.as_deref().unwrap_or("-"),
            status = response.status().as_u16(),
            elapsed_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
            "answered"
        );
        response
    }
    .instrument(span)
    .await
}
