//! Callers of what servers and pages use: a key of an environment, or a token.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::StatusCode;
use axum::http::request::Parts;
use uuid::Uuid;

use super::authorized::forbidden;
use super::identity::{Identity, identify, presents_something};
use crate::domain::actor::Actor;
use crate::domain::environment_key::KeyKind;
use crate::domain::experiment::ExperimentRef;
use crate::domain::role::Role;
use crate::domain::scope::Scope;
use crate::problem::Problem;
use crate::state::AppState;
use crate::store::Store;

/// Somebody who is known. What it may do depends on the environment, so that there is no way to the
/// [`Actor`] but through one of the checks.
#[derive(Clone, Debug)]
pub struct Caller(Identity);

/// A caller may do what it asks for, in the environment that was checked.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Who it is.
    pub actor: Actor,
    /// Whether what it sends can be relied on: false for publishable keys, which everybody can read.
    pub is_verified: bool,
}

impl Caller {
    /// Somebody with a role everywhere, for the library face and for tests.
    pub fn admin(role: Role) -> Self {
        let actor = Actor::admin_token();
        Self(Identity::Admin { actor, role, scope: Scope::All })
    }

    /// Whoever has a key of this environment, for the library face and for tests.
    pub fn key(environment: Uuid, kind: KeyKind) -> Self {
        let actor = Actor { name: "key".to_owned(), token_id: None, request_id: None };
        Self(Identity::Key { actor, kind, environment: Some(environment) })
    }

    /// The environment that its key holds for, if it has such a key.
    pub fn environment(&self) -> Option<Uuid> {
        match &self.0 {
            Identity::Key { environment, .. } => *environment,
            Identity::Admin { .. } => None,
        }
    }

    /// Whether it is a token that may edit in every environment. One of some environments only is no
    /// proof of where events come from: those name environments themselves.
    pub fn may_edit_everywhere(&self) -> bool {
        matches!(&self.0, Identity::Admin { role, scope, .. } if *role >= Role::Editor && scope.is_all())
    }

    /// A secret key of the experiment's environment, or a token that may edit there.
    pub async fn require_secret_of(&self, which: &ExperimentRef, store: &Store) -> Result<Proof, Problem> {
        // Who may do it nowhere learns nothing of what there is.
        if let Identity::Admin { role, .. } = &self.0
            && *role < Role::Editor
        {
            return Err(forbidden("This token may not do that."));
        }
        let environment = store.environment_of_experiment(which).await?;
        self.require_secret(environment)
    }

    /// A secret key of the environment, or any token that has to do with it.
    pub fn require_reader(&self, environment: Uuid) -> Result<(), Problem> {
        match &self.0 {
            Identity::Admin { scope, .. } if scope.permits(environment) => Ok(()),
            Identity::Admin { .. } => Err(Problem::not_found("environment")),
            Identity::Key { .. } => self.require_secret(environment).map(drop),
        }
    }

    /// A secret key of the environment, or a token that may edit there.
    pub fn require_secret(&self, environment: Uuid) -> Result<Proof, Problem> {
        let proof = self.require_any_key(environment)?;
        if proof.is_verified {
            return Ok(proof);
        }
        Err(forbidden("This takes a secret key."))
    }

    /// A key of the environment of either kind, or a token that may edit there.
    pub fn require_any_key(&self, environment: Uuid) -> Result<Proof, Problem> {
        match &self.0 {
            Identity::Admin { scope, .. } if !scope.permits(environment) => {
                Err(Problem::not_found("environment"))
            }
            Identity::Admin { role, .. } if *role < Role::Editor => {
                Err(forbidden("This token may not do that."))
            }
            Identity::Admin { actor, .. } => Ok(Proof { actor: actor.clone(), is_verified: true }),
            Identity::Key { environment: Some(own), .. } if *own != environment => Err(Problem::new(
                StatusCode::FORBIDDEN,
                "wrong_environment",
                "This key is of another environment.",
            )),
            Identity::Key { actor, kind, .. } => {
                Ok(Proof { actor: actor.clone(), is_verified: *kind == KeyKind::Secret })
            }
        }
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        identify(parts, state).await.map(Self)
    }
}

/// None: the request presents nothing. What is presented has to be known.
impl OptionalFromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Option<Self>, Problem> {
        if !presents_something(parts) {
            return Ok(None);
        }
        identify(parts, state).await.map(|identity| Some(Self(identity)))
    }
}
