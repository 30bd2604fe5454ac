//! Whose a request is.

use axum::http::StatusCode;
use axum::http::request::Parts;
use uuid::Uuid;

use super::presented::presented;
use crate::domain::actor::Actor;
use crate::domain::credential::{CredentialKind, read_credential};
use crate::domain::environment_key::KeyKind;
use crate::domain::role::Role;
use crate::domain::scope::Scope;
use crate::http::RequestId;
use crate::problem::Problem;
use crate::state::AppState;
use crate::store::now;

/// Somebody who is known.
#[derive(Clone, Debug)]
pub(super) enum Identity {
    /// Of the admin API.
    Admin {
        /// Who.
        actor: Actor,
        /// Who may do this …
        role: Role,
        /// … here.
        scope: Scope,
    },
    /// Whoever has this key.
    Key {
        /// Named after the key.
        actor: Actor,
        /// What it is for.
        kind: KeyKind,
        /// Where it holds; none: everywhere.
        environment: Option<Uuid>,
    },
}

/// What came of asking, kept with the request: nobody is looked up twice.
#[derive(Clone)]
struct Asked(Result<Identity, Problem>);

/// Says whose a request is.
pub(super) async fn identify(parts: &mut Parts, state: &AppState) -> Result<Identity, Problem> {
    if let Some(Asked(outcome)) = parts.extensions.get() {
        return outcome.clone();
    }
    let outcome = find_out(parts, state).await;
    parts.extensions.insert(Asked(outcome.clone()));
    outcome
}

async fn find_out(parts: &Parts, state: &AppState) -> Result<Identity, Problem> {
    let mut is_anything = false;
    let mut key = None;
    for text in presented(&parts.headers) {
        is_anything = true;
        match known(text, state).await? {
            Some(identity @ Identity::Admin { .. }) => return Ok(identity.within(parts)),
            other => key = key.or(other),
        }
    }
    if let Some(key) = key {
        return Ok(key.within(parts));
    }
    // A header that a proxy or a habit adds does not lock anybody out of a development server.
    if state.access.is_anonymous_allowed() {
        let admin = Identity::Admin { actor: Actor::anonymous(), role: Role::Admin, scope: Scope::All };
        return Ok(admin.within(parts));
    }
    Err(unauthorized(if is_anything {
        "This token is not known, or it is expired or revoked."
    } else {
        "Send a token: `Authorization: Bearer …`."
    }))
}

/// Whether the request presents anything at all.
pub(super) fn presents_something(parts: &Parts) -> bool {
    presented(&parts.headers).next().is_some()
}

async fn known(text: &str, state: &AppState) -> Result<Option<Identity>, Problem> {
    if state.access.is_admin_token(text) {
        let actor = Actor::admin_token();
        return Ok(Some(Identity::Admin { actor, role: Role::Admin, scope: Scope::All }));
    }
    match read_credential(text) {
        Some((CredentialKind::Token, id)) => of_token(text, id, state).await,
        Some((kind, id)) => of_key(text, kind, id, state).await,
        None => Ok(of_settings(text, state)),
    }
}

async fn of_token(text: &str, id: Uuid, state: &AppState) -> Result<Option<Identity>, Problem> {
    let Some((token, digest)) = state.store.token_with_digest(id).await? else { return Ok(None) };
    if !digest.matches(text) || !token.is_live(now()) {
        return Ok(None);
    }
    if state.access.last_use.is_due(id) {
        let store = state.store.clone();
        // Beside the request, which does not wait for it and does not fail with it.
        tokio::spawn(async move {
            if let Err(error) = store.note_token_use(id).await {
                tracing::warn!(%error, "a token's last use could not be written down");
            }
        });
    }
    let actor = Actor { name: format!("token:{}", token.name), token_id: Some(id), request_id: None };
    Ok(Some(Identity::Admin { actor, role: token.role, scope: token.scope() }))
}

async fn of_key(
    text: &str,
    kind: CredentialKind,
    id: Uuid,
    state: &AppState,
) -> Result<Option<Identity>, Problem> {
    let row = match state.access.ring.environment_key(text) {
        Some(row) => Some(row),
        // Made elsewhere a moment ago, or never.
        None => {
            let row = state.store.live_environment_key(id).await?;
            row.filter(|row| row.kind.credential() == kind && row.digest.matches(text))
        }
    };
    Ok(row.map(|row| Identity::Key {
        actor: Actor { name: format!("key:{}", row.name), token_id: None, request_id: None },
        kind: row.kind,
        environment: Some(row.environment_id),
    }))
}

/// A key of the process's settings.
fn of_settings(text: &str, state: &AppState) -> Option<Identity> {
    let kind = state.access.ring.settings_key(text)?;
    let name = match kind {
        KeyKind::Secret => "secret-key",
        KeyKind::Publishable => "publishable-key",
    };
    let actor = Actor { name: name.to_owned(), token_id: None, request_id: None };
    Some(Identity::Key { actor, kind, environment: None })
}

impl Identity {
    /// The same, in the name of this request.
    fn within(mut self, parts: &Parts) -> Self {
        let (Self::Admin { actor, .. } | Self::Key { actor, .. }) = &mut self;
        actor.request_id = parts.extensions.get::<RequestId>().map(|id| id.as_str().to_owned());
        self
    }
}

fn unauthorized(detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
}
