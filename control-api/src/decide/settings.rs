//! What the decide role needs to know.

use std::time::Duration;

use lotwise_serving::{Keys, Settings, StickyKeys};

/// Settings of the decide role.
#[derive(Clone, Debug)]
pub struct DecideSettings {
    /// Where snapshots are read, without a trailing slash.
    pub base_url: String,
    /// Environments that are loaded at start.
    pub environments: Vec<String>,
    /// The environment of requests that name none.
    pub default_environment: Option<String>,
    /// Time between two looks at `version.json`.
    pub poll_interval: Duration,
    /// Time that one fetch may take.
    pub fetch_timeout: Duration,
    /// Origins that pages may ask from.
    pub cors_origins: Vec<String>,
    /// Requests per client; none: not limited.
    pub rate_limit: Option<RateLimit>,
    /// Proxies in front whose `X-Forwarded-For` entries are believed.
    pub trusted_proxy_hops: usize,
    /// Whether a request needs a key.
    pub require_key: bool,
    /// Keys for pages.
    pub publishable_keys: Vec<String>,
    /// Keys for servers.
    pub secret_keys: Vec<String>,
    /// Lets explanations out to whoever brings it.
    pub explain_token: Option<String>,
    /// What sticky cookies are signed with; none: there are no such cookies.
    pub sticky_keys: StickyKeys,
}

/// A token bucket per client.
#[derive(Clone, Copy, Debug)]
pub struct RateLimit {
    /// Tokens that come back each second.
    pub per_second: u32,
    /// Tokens a rested client has.
    pub burst: u32,
}

impl DecideSettings {
    /// The part that every host of the decide service has.
    pub fn serving(&self) -> Settings {
        Settings {
            default_environment: self.default_environment.clone(),
            cors_origins: self.cors_origins.clone(),
            keys: Keys::new(
                self.require_key,
                &self.publishable_keys,
                &self.secret_keys,
                self.explain_token.as_deref(),
            ),
            sticky_keys: self.sticky_keys.clone(),
        }
    }
}
