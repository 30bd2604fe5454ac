//! What can go wrong with the database, sorted by what the caller can do about it.

use sqlx::error::DatabaseError;
use thiserror::Error;

use crate::domain::refusal::Refusal;

/// The result of a store function.
pub type StoreResult<T> = Result<T, StoreError>;

/// A failure of a store function. Its transaction was rolled back.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The domain, or a constraint, does not allow it.
    #[error("refused")]
    Refused(Refusal),
    /// The database is away or overloaded: worth another try.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// A mistake of ours.
    #[error("database: {0}")]
    Internal(String),
}

impl From<Refusal> for StoreError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error.to_string()),
            sqlx::Error::Database(cause) => from_database(cause.as_ref()),
            _ => Self::Internal(error.to_string()),
        }
    }
}

/// Named constraints as conflicts: the database refuses, this table translates.
const CONFLICTS: &[(&str, &str, &str)] = &[
    ("environments_name_unique", "duplicate_name", "An environment of this name exists already."),
    (
        "experiments_environment_key_unique",
        "duplicate_key",
        "An experiment of this key exists in the environment already.",
    ),
    (
        "experiments_environment_salt_unique",
        "duplicate_salt",
        "Another experiment of the environment has this salt: their splits would coincide.",
    ),
    (
        "variants_experiment_key_unique",
        "duplicate_key",
        "A variant of this key exists in the experiment already.",
    ),
    ("tokens_name_unique", "duplicate_name", "Another token that is not revoked has this name."),
    (
        "segments_environment_key_unique",
        "duplicate_key",
        "A segment of this key exists in the environment already.",
    ),
    (
        "groups_environment_key_unique",
        "duplicate_key",
        "A group of this key exists in the environment already.",
    ),
    (
        "holdouts_environment_key_unique",
        "duplicate_key",
        "A holdout of this key exists in the environment already.",
    ),
    ("slices_exclusive", "slice_taken", "Another member of the group holds some of these buckets."),
    ("overrides_variant_fkey", "variant_in_use", "The variant is given by an override."),
    (
        "metrics_environment_key_unique",
        "duplicate_key",
        "A metric of this key exists in the environment already.",
    ),
    ("experiments_winner_fkey", "variant_in_use", "The variant is the winner."),
    ("assignments_variant_fkey", "variant_in_use", "The variant has assignments."),
    // Of an experiment that was deleted at the very moment that somebody was given it.
    ("assignments_experiment_id_fkey", "variant_in_use", "The experiment is gone."),
];

fn from_database(cause: &dyn DatabaseError) -> StoreError {
    let named = cause.constraint();
    if let Some((_, code, detail)) = CONFLICTS.iter().find(|(name, ..)| named == Some(name)) {
        return Refusal::conflict(code, *detail).into();
    }
    let code = cause.code().unwrap_or_default();
    if is_transient(&code) {
        StoreError::Unavailable(format!("{code} {}", cause.message()))
    } else {
        StoreError::Internal(format!("{code} {}", cause.message()))
    }
}

/// SQLSTATEs of a server that goes away, is full or too busy: connection exceptions, insufficient
/// resources, shutdowns, time-outs of locks and statements, deadlocks and serialisation failures.
fn is_transient(code: &str) -> bool {
    matches!(code.get(..2), Some("08" | "53"))
        || matches!(code, "57P01" | "57P02" | "57P03" | "57014" | "55P03" | "40001" | "40P01" | "25006")
}
