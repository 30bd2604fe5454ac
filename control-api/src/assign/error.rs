//! Why an assignment could not be made.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use thiserror::Error as ThisError;

use super::{InvalidQuestion, SinkError};
use crate::domain::refusal::Refusal;
use crate::problem::Problem;
use crate::store::StoreError;

/// Why an assignment could not be made. Nothing was kept then, unless the exposures' own sink failed.
#[derive(Debug, ThisError)]
pub enum Error {
    /// There is no such experiment.
    #[error("there is no such experiment")]
    UnknownExperiment,
    /// The experiment gives nothing to anybody.
    #[error("{detail}")]
    Closed {
        /// `not_running` or `archived`.
        code: &'static str,
        /// The reason, for people.
        detail: String,
    },
    /// The user key or the context cannot be taken.
    #[error("{0}")]
    Invalid(#[from] InvalidQuestion),
    /// The store is away: worth another try.
    #[error("the store does not answer: {0}")]
    Unavailable(String),
    /// The assignment is kept; its exposure went nowhere.
    #[error("{0}")]
    Sink(#[from] SinkError),
    /// The extractor was used where [`identify`](super::identify) is not.
    #[error("nobody says who asks: add the middleware `identify`")]
    NoVisitor,
    /// A mistake of ours.
    #[error("{0}")]
    Internal(String),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(Refusal::NotFound(_)) => Self::UnknownExperiment,
            StoreError::Refused(Refusal::Conflict { code, detail }) => Self::Closed { code, detail },
            StoreError::Refused(refusal) => Self::Internal(format!("{refusal:?}")),
            StoreError::Unavailable(cause) => Self::Unavailable(cause),
            StoreError::Internal(cause) => Self::Internal(cause),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::UnknownExperiment => Self::not_found("experiment"),
            Error::Closed { code, detail } => Self::conflict(code, detail),
            Error::Invalid(invalid) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_question", invalid.to_string())
            }
            Error::Unavailable(cause) => StoreError::Unavailable(cause).into(),
            Error::Sink(_) | Error::NoVisitor | Error::Internal(_) => Self::internal(&error),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
