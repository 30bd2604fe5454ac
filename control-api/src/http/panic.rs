//! Panics: a mistake of ours costs one answer, not the process.

use std::any::Any;

use axum::response::{IntoResponse, Response};

use crate::problem::Problem;

/// The answer to a request whose handler panicked.
#[allow(clippy::needless_pass_by_value)] // The layer hands it over.
pub fn answer_panic(cause: Box<dyn Any + Send + 'static>) -> Response {
    let text = cause.downcast_ref::<&str>().copied().map(str::to_owned);
    let text = text.or_else(|| cause.downcast_ref::<String>().cloned());
    Problem::internal(&format!("panic: {}", text.unwrap_or_default())).into_response()
}
