//! Keys: who may ask for what. Only digests are kept, and compared in constant time.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::problem::Problem;
use crate::request::Request;

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// Deciding with state that the caller vouches for.
    pub may_bring_sticky: bool,
    /// Reasons and buckets.
    pub may_explain: bool,
    /// Which of the known keys it was, for rate limits.
    pub key: Option<usize>,
}

/// The keys that a host knows.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// Whether deciding needs a key.
    pub is_required: bool,
    publishable: Vec<[u8; 32]>,
    secret: Vec<[u8; 32]>,
    explain: Option<[u8; 32]>,
}

impl Keys {
    /// Keys for pages, keys for servers, and the token that only lets explanations out.
    pub fn new(is_required: bool, publishable: &[String], secret: &[String], explain: Option<&str>) -> Self {
        let digests = |keys: &[String]| keys.iter().map(|key| digest(key)).collect();
        Self {
            is_required,
            publishable: digests(publishable),
            secret: digests(secret),
            explain: explain.map(digest),
        }
    }

    /// What the caller of this request may do.
    ///
    /// # Errors
    ///
    /// 401 when a key is required and none that is known was presented.
    pub fn access(&self, request: &Request<'_>) -> Result<Access, Problem> {
        let presented = request.presented_key().map(digest);
        let position = |keys: &[[u8; 32]]| {
            let presented = presented?;
            // All keys are compared, so that the time does not tell which one is near.
            keys.iter().enumerate().fold(None, |found, (index, key)| {
                if bool::from(key.ct_eq(&presented)) { Some(index) } else { found }
            })
        };
        let secret = position(&self.secret);
        let publishable = position(&self.publishable);
        let explain = position(self.explain.as_slice());
        if self.is_required && secret.is_none() && publishable.is_none() && explain.is_none() {
            return Err(Problem::new(
                401,
                "key_required",
                "Send a key of this environment as a bearer token or as X-API-Key.",
            ));
        }
        let publishable = publishable.map(|index| self.secret.len() + index);
        Ok(Access {
            may_bring_sticky: secret.is_some(),
            may_explain: secret.is_some() || explain.is_some(),
            key: secret.or(publishable),
        })
    }
}

fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}
