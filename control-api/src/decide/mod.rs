//! The decide role: published snapshots in, decisions out.

use std::sync::Arc;
use std::time::Duration;

/// What the decide role needs to know.
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
}

/// A token bucket per client.
#[derive(Clone, Copy, Debug)]
pub struct RateLimit {
    /// Tokens that come back each second.
    pub per_second: u32,
    /// Tokens a rested client has.
    pub burst: u32,
}

/// The running role. Placeholder.
#[derive(Debug)]
pub struct DecideRole;

impl DecideRole {
    /// Loads what is published and begins to poll.
    #[allow(clippy::unused_async)]
    pub async fn start(_settings: DecideSettings) -> anyhow::Result<Arc<Self>> {
        Ok(Arc::new(Self))
    }

    /// The role's routes, state applied.
    pub fn router(self: Arc<Self>) -> axum::Router {
        axum::Router::new()
    }

    /// Looks at the store now, bounded in time.
    #[allow(clippy::unused_async)]
    pub async fn refresh(&self, _environment: &str) {}

    /// The body of `/health`.
    pub fn health(&self) -> serde_json::Value {
        serde_json::json!({ "status": "ok", "config_versions": {} })
    }

    /// Whether requests can be answered.
    pub fn is_ready(&self) -> bool {
        true
    }
}

/// The role's part of the OpenAPI document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    utoipa::openapi::OpenApi::default()
}
