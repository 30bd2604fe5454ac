//! Evidence of a role.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;

use super::identity::{Identity, identify};
use super::required::Required;
use crate::domain::actor::Actor;
use crate::domain::role::Role;
use crate::domain::scope::Scope;
use crate::problem::Problem;
use crate::state::AppState;

/// The caller has the role `R`, or a higher one.
#[derive(Clone, Debug)]
pub struct Authorized<R> {
    /// Who it is.
    pub actor: Actor,
    /// The role that it has.
    pub role: Role,
    /// Where it has that role.
    pub scope: Scope,
    evidence: PhantomData<R>,
}

impl<R: Required> FromRequestParts<AppState> for Authorized<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let evidence = PhantomData;
        match identify(parts, state).await? {
            Identity::Admin { actor, role, scope } if role >= R::ROLE => {
                Ok(Self { actor, role, scope, evidence })
            }
            Identity::Admin { .. } => Err(forbidden("This token may not do that.")),
            // On a development server a key that is sent out of habit locks nobody out.
            Identity::Key { .. } if state.access.is_anonymous_allowed() => {
                Ok(Self { actor: Actor::anonymous(), role: Role::Admin, scope: Scope::All, evidence })
            }
            Identity::Key { .. } => Err(forbidden("A key of an environment may not do that; send a token.")),
        }
    }
}

pub(super) fn forbidden(detail: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "forbidden", detail)
}
