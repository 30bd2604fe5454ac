//! Path parameters. What cannot name anything is a 404 before any database is asked.

use std::collections::HashMap;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use crate::domain::environment::EnvironmentRef;
use crate::domain::experiment::ExperimentRef;
use crate::domain::key::is_key;
use crate::domain::metric::MetricRef;
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

async fn segment<S: Send + Sync>(parts: &mut Parts, state: &S, name: &str) -> Option<String> {
    let path = Path::<HashMap<String, String>>::from_request_parts(parts, state).await;
    path.ok()?.0.remove(name)
}
