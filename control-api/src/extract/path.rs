//! Path parameters. What cannot name anything is a 404 before any database is asked.

use std::collections::HashMap;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use lotwise_core::MAX_USER_KEY_BYTES;
use uuid::Uuid;

use crate::domain::environment::EnvironmentRef;
use crate::domain::experiment::ExperimentRef;
use crate::domain::key::is_key;
use crate::domain::metric::MetricRef;
use crate::domain::reference::ResourceRef;
use crate::problem::Problem;

impl<S: Send + Sync> FromRequestParts<S> for ExperimentRef {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = segment(parts, state, "id").await;
        text.as_deref().and_then(Self::parse).ok_or_else(|| Problem::not_found("experiment"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for EnvironmentRef {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = segment(parts, state, "id").await;
        text.as_deref().and_then(Self::parse).ok_or_else(|| Problem::not_found("environment"))
    }
}

/// `{id}`: the id of a token.
#[derive(Clone, Copy, Debug)]
pub struct TokenId(pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for TokenId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let id = segment(parts, state, "id").await.and_then(|text| text.parse().ok());
        id.map(Self).ok_or_else(|| Problem::not_found("token"))
    }
}

/// `{keyId}`: the id of an environment's key.
#[derive(Clone, Copy, Debug)]
pub struct KeyId(pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for KeyId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let id = segment(parts, state, "keyId").await.and_then(|text| text.parse().ok());
        id.map(Self).ok_or_else(|| Problem::not_found("key"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for MetricRef {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = segment(parts, state, "id").await;
        text.as_deref().and_then(Self::parse).ok_or_else(|| Problem::not_found("metric"))
    }
}

/// `{key}`: the key of a variant.
#[derive(Clone, Debug)]
pub struct VariantKey(pub String);

impl<S: Send + Sync> FromRequestParts<S> for VariantKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = segment(parts, state, "key").await;
        text.filter(|key| is_key(key)).map(Self).ok_or_else(|| Problem::not_found("variant"))
    }
}

/// `{version}`: the number of a version.
#[derive(Clone, Copy, Debug)]
pub struct VersionNumber(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for VersionNumber {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = segment(parts, state, "version").await;
        let number = text.and_then(|text| text.parse().ok()).filter(|number| *number > 0);
        number.map(Self).ok_or_else(|| Problem::not_found("version"))
    }
}

/// `{version}`, or `{a}...{b}` for what lies between two of them.
#[derive(Clone, Copy, Debug)]
pub enum VersionOrSpan {
    /// One version.
    One(i64),
    /// From the first to the second; either may be the higher one.
    Span(i64, i64),
}

impl<S: Send + Sync> FromRequestParts<S> for VersionOrSpan {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = segment(parts, state, "version").await.unwrap_or_default();
        let number = |text: &str| text.parse().ok().filter(|number| *number > 0);
        let parsed = match text.split_once("...") {
            Some((from, to)) => number(from).zip(number(to)).map(|(from, to)| Self::Span(from, to)),
            None => number(&text).map(Self::One),
        };
        parsed.ok_or_else(|| Problem::not_found("version"))
    }
}

/// Defines an extractor of `{id}`: a resource's id or `environment:key`.
macro_rules! reference {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(pub ResourceRef);

        impl<S: Send + Sync> FromRequestParts<S> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
                let text = segment(parts, state, "id").await;
                let which = text.as_deref().and_then(ResourceRef::parse);
                which.map(Self).ok_or_else(|| Problem::not_found($what))
            }
        }
    };
}

reference!(
    /// `{id}` of a group.
    GroupRef,
    "group"
);
reference!(
    /// `{id}` of a segment.
    SegmentRef,
    "segment"
);
reference!(
    /// `{id}` of a holdout.
    HoldoutRef,
    "holdout"
);

/// `{experimentKey}`: the key of an experiment in the environment of what comes before it.
#[derive(Clone, Debug)]
pub struct MemberKey(pub String);

impl<S: Send + Sync> FromRequestParts<S> for MemberKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = segment(parts, state, "experimentKey").await;
        text.filter(|key| is_key(key)).map(Self).ok_or_else(|| Problem::not_found("experiment"))
    }
}

/// `{userKey}`: 1 to 512 bytes of percent-encoded UTF-8, NUL and slashes included.
#[derive(Clone, Debug)]
pub struct UserKey(pub String);

impl<S: Send + Sync> FromRequestParts<S> for UserKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = segment(parts, state, "userKey").await;
        text.filter(|key| (1..=MAX_USER_KEY_BYTES).contains(&key.len())).map(Self).ok_or_else(|| {
            let detail = format!("A user key is 1 to {MAX_USER_KEY_BYTES} bytes of percent-encoded UTF-8.");
            Problem::bad_request("invalid_user_key", detail)
        })
    }
}

async fn segment<S: Send + Sync>(parts: &mut Parts, state: &S, name: &str) -> Option<String> {
    let path = Path::<HashMap<String, String>>::from_request_parts(parts, state).await;
    path.ok()?.0.remove(name)
}
