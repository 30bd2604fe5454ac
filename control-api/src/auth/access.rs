//! How callers are let in.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What the admin API asks of its callers.
#[derive(Clone)]
pub struct AdminAccess {
    /// Of `ADMIN_TOKEN`. Digests have one length, so comparing them tells nothing about it.
    token_sha256: Option<[u8; 32]>,
    is_anonymous_allowed: bool,
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
    /// address.
    pub fn new(token: Option<&str>, is_anonymous_allowed: bool) -> Self {
        Self { token_sha256: token.map(digest), is_anonymous_allowed }
    }

    /// Whether requests without a token are answered.
    pub fn is_anonymous_allowed(&self) -> bool {
        self.is_anonymous_allowed
    }

    /// Whether this is the admin token. Takes the same time whatever is wrong with it.
    pub fn is_admin_token(&self, token: &str) -> bool {
        self.token_sha256.is_some_and(|wanted| wanted.ct_eq(&digest(token)).into())
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
