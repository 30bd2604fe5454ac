//! How callers are let in.

use std::sync::Arc;

use lotwise_serving::Keys;

use super::key_ring::KeyRing;
use super::last_use::LastUse;
use crate::domain::credential::CredentialDigest;

/// What the admin API asks of its callers.
#[derive(Clone)]
pub struct AdminAccess {
    /// Of `ADMIN_TOKEN`. Digests have one length, so comparing them tells nothing about it.
    token: Option<CredentialDigest>,
    is_anonymous_allowed: bool,
    pub(super) ring: Arc<KeyRing>,
    pub(super) last_use: Arc<LastUse>,
}

impl std::fmt::Debug for AdminAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AdminAccess")
            .field("is_anonymous_allowed", &self.is_anonymous_allowed)
            .finish_non_exhaustive()
    }
}

impl AdminAccess {
    /// Access for whoever brings the token, or for everyone who can reach this machine's own
    /// address; and for the tokens and keys of the database.
    pub fn new(token: Option<&str>, is_anonymous_allowed: bool) -> Self {
        Self {
            token: token.map(CredentialDigest::of),
            is_anonymous_allowed,
            ring: Arc::default(),
            last_use: Arc::default(),
        }
    }

    /// The same, with the keys of the process's settings, which hold for all environments.
    pub fn with_keys(self, keys: Keys) -> Self {
        Self { ring: Arc::new(KeyRing::new(keys)), ..self }
    }

    /// All keys that the process knows, as the decide service takes them.
    pub fn keys(&self) -> Keys {
        self.ring.keys()
    }

    /// Whether requests without a token are answered.
    pub fn is_anonymous_allowed(&self) -> bool {
        self.is_anonymous_allowed
    }

    /// Whether this is the admin token. Takes the same time whatever is wrong with it.
    pub fn is_admin_token(&self, token: &str) -> bool {
        self.token.is_some_and(|wanted| wanted.matches(token))
    }
}
