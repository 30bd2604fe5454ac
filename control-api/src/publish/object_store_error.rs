//! What can go wrong with the object store.

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use thiserror::Error;

/// A failure of the object store.
#[derive(Debug, Error)]
pub enum ObjectStoreError {
    /// It does not answer, or answers that it cannot now. The cause is for logs.
    #[error("the store does not answer: {0}")]
    Unavailable(String),
    /// It answers, and refuses: no such bucket, no permission.
    #[error("the store refuses: {cause}")]
    Denied {
        /// Its status and code, which may be shown.
        reason: String,
        /// For logs.
        cause: String,
    },
    /// It ignores the conditions of conditional writes.
    #[error("the store has no working conditional writes")]
    Unconditional,
    /// An object is there that cannot be ours.
    #[error("{0}")]
    Foreign(String),
}

impl ObjectStoreError {
    /// Sorts what the client reports. Anything that a store says about itself (5xx, 429, 409) or
    /// the connection may pass; what it says about the request will not.
    pub(super) fn from_sdk<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + 'static,
    {
        let cause = DisplayErrorContext(error).to_string();
        let code = error.code();
        match status(error) {
            // Not a word about permissions: the request took too long to arrive.
            _ if code == Some("RequestTimeout") => Self::Unavailable(cause),
            Some(status @ (400..=407 | 410..=428 | 430..=499)) => {
                let reason = code.map_or_else(|| status.to_string(), |code| format!("{status} {code}"));
                Self::Denied { reason, cause }
            }
            _ => Self::Unavailable(cause),
        }
    }
}

/// The HTTP status of a failed call, if it came to an answer.
pub(super) fn status<E>(error: &SdkError<E, HttpResponse>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}
