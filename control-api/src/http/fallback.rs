//! Requests that no route takes.

use axum::http::StatusCode;

use crate::problem::Problem;

/// 404.
pub async fn answer_not_found() -> Problem {
    Problem::not_found("route")
}

/// 405. The router adds `Allow`.
pub async fn answer_method_not_allowed() -> Problem {
    let detail = "The route does not take this method; see `Allow`.";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
}
