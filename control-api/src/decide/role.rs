//! The running role: what it reads, and the task that keeps it fresh.

use std::sync::{Arc, PoisonError, RwLock, Weak};

use axum::Router;
use lotwise_serving::{Keys, Reader, ReaderSettings, Settings};

use super::DecideSettings;
use super::handler::handle;
use super::limiter::Limiter;
use super::source::HttpSource;

/// The decide role of this process.
#[derive(Debug)]
pub struct DecideRole {
    pub(super) settings: DecideSettings,
    /// Replaced as a whole when keys come or go.
    serving: RwLock<Arc<Settings>>,
    pub(super) reader: Reader<HttpSource>,
    pub(super) limiter: Option<Limiter>,
}

impl DecideRole {
    /// Loads what is published and begins to poll. A store that is down does not keep it from
    /// starting: it is not ready then, and catches up.
    pub async fn start(settings: DecideSettings) -> anyhow::Result<Arc<Self>> {
        let source = HttpSource::new(&settings.base_url, settings.fetch_timeout)?;
        let reading = ReaderSettings {
            environments: settings.environments.clone(),
            poll_interval: settings.poll_interval,
            fetch_timeout: settings.fetch_timeout,
        };
        let role = Arc::new(Self {
            serving: RwLock::new(Arc::new(settings.serving())),
            reader: Reader::new(source, reading),
            limiter: settings.rate_limit.and_then(Limiter::new),
            settings,
        });
        role.reader.refresh_all_now().await;
        tokio::spawn(poll(Arc::downgrade(&role)));
        Ok(role)
    }

    /// What requests are answered with.
    pub(super) fn serving(&self) -> Arc<Settings> {
        Arc::clone(&self.serving.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes the keys of environments that these are from now on, beside those of its settings.
    pub fn take_environment_keys(&self, keys: &Keys) {
        let serving = self.serving();
        let keys = serving.keys.sharing_environment_keys(keys);
        let serving = Settings { keys, ..Settings::clone(&serving) };
        *self.serving.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(serving);
    }

    /// The role's routes. It answers whatever comes, unknown paths too.
    pub fn router(self: Arc<Self>) -> Router {
        Router::new().fallback(handle).with_state(self)
    }

    /// Looks at the store now, as after a publish in the same process.
    pub async fn refresh(&self, environment: &str) {
        self.reader.refresh_now(environment).await;
    }

    /// The body of `/health`.
    pub fn health(&self) -> serde_json::Value {
        self.reader.health()
    }

    /// Whether requests can be answered: the store has said of every configured environment what
    /// there is.
    pub fn is_ready(&self) -> bool {
        self.reader.is_ready()
    }
}

/// Refreshes until the role is gone.
async fn poll(role: Weak<DecideRole>) {
    loop {
        let Some(interval) = role.upgrade().map(|role| role.settings.poll_interval) else { return };
        tokio::time::sleep(interval).await;
        let Some(role) = role.upgrade() else { return };
        role.reader.refresh_all_now().await;
        if let Some(limiter) = &role.limiter {
            limiter.forget_rested();
        }
    }
}
