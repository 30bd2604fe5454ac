//! Keys: who may ask for what. Only digests are kept, and compared in constant time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::problem::Problem;
use crate::request::Request;

/// What a caller may do.
#[derive(Clone, Copy, Debug)]
pub struct Access<'k> {
    /// Deciding with state that the caller vouches for.
    pub may_bring_sticky: bool,
    /// Reasons and buckets.
    pub may_explain: bool,
    /// Which of the known keys it was, for rate limits.
    pub key: Option<usize>,
    /// The key, if it holds for one environment only.
    pub bound: Option<&'k EnvironmentKey>,
}

impl Access<'_> {
    /// Whether the caller may ask about this environment: a key of another one may not.
    pub fn permits(&self, environment: &str) -> bool {
        self.bound.is_none_or(|key| key.environment == environment)
    }

    /// Whether what the caller sends comes from a server, so that it can be relied on.
    pub fn is_secret(&self) -> bool {
        self.may_bring_sticky
    }

    /// Refuses a key of another environment.
    pub(crate) fn require(&self, environment: &str) -> Result<(), Problem> {
        if self.permits(environment) {
            return Ok(());
        }
        Err(Problem::new(403, "wrong_environment", WRONG_ENVIRONMENT))
    }
}

/// What a key of another environment is told.
pub(crate) const WRONG_ENVIRONMENT: &str = "This key is of another environment.";

/// A key that holds for one environment. Its text is `<id>_<secret>`.
#[derive(Debug)]
pub struct EnvironmentKey {
    /// The part of its text that may be known.
    pub id: String,
    /// The SHA-256 of its text.
    pub sha256: [u8; 32],
    /// The environment's name.
    pub environment: String,
    /// Whether it is for servers.
    pub is_secret: bool,
    is_used: AtomicBool,
}

impl EnvironmentKey {
    /// A key that was not used yet.
    pub fn new(id: String, sha256: [u8; 32], environment: String, is_secret: bool) -> Self {
        Self { id, sha256, environment, is_secret, is_used: AtomicBool::new(false) }
    }

    /// Notes that it was presented.
    fn note_use(&self) {
        // Written once, so that threads do not fight for it.
        if !self.is_used.load(Ordering::Relaxed) {
            self.is_used.store(true, Ordering::Relaxed);
        }
    }

    /// Whether it was presented since this was asked last.
    pub fn take_use(&self) -> bool {
        self.is_used.swap(false, Ordering::Relaxed)
    }
}

/// Whose a presented text is.
#[derive(Clone, Copy, Debug)]
pub enum Holder<'k> {
    /// Nobody's that is known.
    Unknown,
    /// A publishable key that holds for all environments, by its place among the keys.
    Publishable(usize),
    /// A secret key that holds for all environments, by its place among the keys.
    Secret(usize),
    /// The token that only lets explanations out.
    Explain,
    /// A key of one environment.
    Environment(&'k EnvironmentKey, usize),
}

/// The keys that a host knows.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// Whether deciding needs a key.
    pub is_required: bool,
    publishable: Vec<[u8; 32]>,
    secret: Vec<[u8; 32]>,
    explain: Option<[u8; 32]>,
    /// By id.
    of_environments: Arc<[EnvironmentKey]>,
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
            of_environments: Arc::default(),
        }
    }

    /// The same with these keys of environments instead of those before.
    pub fn with_environment_keys(&self, mut keys: Vec<EnvironmentKey>) -> Self {
        keys.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        Self { of_environments: keys.into(), ..self.clone() }
    }

    /// The same with the keys of environments that `other` has, and what is noted about their use.
    pub fn sharing_environment_keys(&self, other: &Self) -> Self {
        Self { of_environments: Arc::clone(&other.of_environments), ..self.clone() }
    }

    /// The keys of environments, by id.
    pub fn environment_keys(&self) -> &[EnvironmentKey] {
        &self.of_environments
    }

    /// Whose this text is. A key of an environment is noted as used.
    pub fn holder(&self, presented: &str) -> Holder<'_> {
        let presented_digest = digest(presented);
        let position = |keys: &[[u8; 32]]| {
            // All keys are compared, so that the time does not tell which one is near.
            keys.iter().enumerate().fold(None, |found, (index, key)| {
                if bool::from(key.ct_eq(&presented_digest)) { Some(index) } else { found }
            })
        };
        let secret = position(&self.secret);
        let publishable = position(&self.publishable);
        let explain = position(self.explain.as_slice());
        let settings = self.secret.len() + self.publishable.len();
        match (secret, publishable, explain) {
            (Some(index), ..) => Holder::Secret(index),
            (None, _, Some(_)) => Holder::Explain,
            (None, Some(index), None) => Holder::Publishable(self.secret.len() + index),
            (None, None, None) => self
                .of_environment(presented, &presented_digest)
                .map_or(Holder::Unknown, |(key, index)| Holder::Environment(key, settings + index)),
        }
    }

    fn of_environment(&self, presented: &str, sha256: &[u8; 32]) -> Option<(&EnvironmentKey, usize)> {
        let (id, _) = presented.rsplit_once('_')?;
        let index = self.of_environments.binary_search_by(|key| key.id.as_str().cmp(id)).ok()?;
        let key = self.of_environments.get(index)?;
        if !bool::from(key.sha256.ct_eq(sha256)) {
            return None;
        }
        key.note_use();
        Some((key, index))
    }

    /// What the caller of this request may do.
    ///
    /// # Errors
    ///
    /// 401 when a key is required and none that is known was presented.
    pub fn access(&self, request: &Request<'_>) -> Result<Access<'_>, Problem> {
        let holder = request.presented_key().map_or(Holder::Unknown, |text| self.holder(text));
        let access = |is_secret, may_explain, key, bound| Access {
            may_bring_sticky: is_secret,
            may_explain,
            key,
            bound,
        };
        match holder {
            Holder::Unknown if self.is_required => Err(Problem::new(
                401,
                "key_required",
                "Send a key of this environment as a bearer token or as X-API-Key.",
            )),
            Holder::Unknown => Ok(access(false, false, None, None)),
            Holder::Explain => Ok(access(false, true, None, None)),
            Holder::Publishable(index) => Ok(access(false, false, Some(index), None)),
            Holder::Secret(index) => Ok(access(true, true, Some(index), None)),
            Holder::Environment(key, index) => {
                Ok(access(key.is_secret, key.is_secret, Some(index), Some(key)))
            }
        }
    }
}

fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}
