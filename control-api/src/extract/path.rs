//! Path parameters. What cannot name anything is a 404 before any database is asked.

use std::collections::HashMap;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use uuid::Uuid;

use crate::domain::environment::EnvironmentRef;
use crate::domain::experiment::ExperimentRef;
use crate::domain::key::is_key;
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

async fn segment<S: Send + Sync>(parts: &mut Parts, state: &S, name: &str) -> Option<String> {
    let path = Path::<HashMap<String, String>>::from_request_parts(parts, state).await;
    path.ok()?.0.remove(name)
}
