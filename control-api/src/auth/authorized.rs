//! Evidence of a role.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::role::{Required, Role};
use crate::domain::actor::Actor;
use crate::http::RequestId;
use crate::problem::Problem;
use crate::state::AppState;

/// The caller has the role `R`, or a higher one.
#[derive(Clone, Debug)]
pub struct Authorized<R> {
    /// Who it is.
    pub actor: Actor,
    role: PhantomData<R>,
}

impl<R: Required> FromRequestParts<AppState> for Authorized<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let (actor, role) = identify(parts, state)?;
        let actor = match parts.extensions.get::<RequestId>() {
            Some(id) => actor.within(id.as_str()),
            None => actor,
        };
        if role < R::ROLE {
            let detail = "This token may not do that.";
            return Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", detail));
        }
        Ok(Self { actor, role: PhantomData })
    }
}

fn identify(parts: &Parts, state: &AppState) -> Result<(Actor, Role), Problem> {
    match bearer(parts) {
        Some(token) if state.access.is_admin_token(token) => Ok((Actor::admin_token(), Role::Admin)),
        // A header that a proxy or a habit adds does not lock anybody out of a development server.
        _ if state.access.is_anonymous_allowed() => Ok((Actor::anonymous(), Role::Admin)),
        Some(_) => Err(unauthorized("This token is not known.")),
        None => Err(unauthorized("Send a token: `Authorization: Bearer …`.")),
    }
}

fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn unauthorized(detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
}
