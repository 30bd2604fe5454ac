//! The running role: environments, and the task that keeps them fresh.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock, Weak};

use axum::Router;
use lotwise_serving::{Published, Settings, health, is_servable_environment};
use tokio::task::JoinSet;

use super::DecideSettings;
use super::environment::Environment;
use super::handler::handle;
use super::limiter::Limiter;
use super::source::Source;

/// How many environments beyond the configured ones are remembered before absent ones make room.
const MAX_REMEMBERED: usize = 256;

/// The decide role of this process.
#[derive(Debug)]
pub struct DecideRole {
    pub(super) settings: DecideSettings,
    pub(super) serving: Settings,
    pub(super) source: Source,
    pub(super) limiter: Option<Limiter>,
    environments: RwLock<HashMap<String, Arc<Environment>>>,
}

/// What is known of an environment that was asked for.
pub(super) enum Found {
    Held(Arc<Published>),
    /// The store has nothing published for it.
    Absent,
    /// The store cannot say, and nothing is held.
    Unavailable,
}

impl DecideRole {
    /// Loads what is published and begins to poll. A store that is down does not keep it from
    /// starting: it is not ready then, and catches up.
    pub async fn start(settings: DecideSettings) -> anyhow::Result<Arc<Self>> {
        let environments =
            settings.environments.iter().map(|name| (name.clone(), Arc::new(Environment::new(name))));
        let role = Arc::new(Self {
            serving: settings.serving(),
            source: Source::new(&settings.base_url, settings.fetch_timeout)?,
            limiter: settings.rate_limit.and_then(Limiter::new),
            environments: RwLock::new(environments.collect()),
            settings,
        });
        role.refresh_all().await;
        tokio::spawn(poll(Arc::downgrade(&role)));
        Ok(role)
    }

    /// The role's routes. It answers whatever comes, unknown paths too.
    pub fn router(self: Arc<Self>) -> Router {
        Router::new().fallback(handle).with_state(self)
    }

    /// Looks at the store now, as after a publish in the same process.
    pub async fn refresh(&self, environment: &str) {
        if let Some(environment) = self.environment(environment) {
            environment.refresh(&self.source).await;
        }
    }

    /// The body of `/health`.
    pub fn health(&self) -> serde_json::Value {
        let environments: BTreeMap<_, _> =
            self.known().into_iter().map(|(name, environment)| (name, environment.health())).collect();
        health(&environments)
    }

    /// Whether requests can be answered: the store has said of every configured environment what
    /// there is.
    pub fn is_ready(&self) -> bool {
        let known = self.known();
        self.settings.environments.iter().all(|name| known.get(name).is_some_and(|it| it.is_known()))
    }

    /// What there is for an environment. A request waits for the store only while nothing is held.
    pub(super) async fn find(&self, name: &str) -> Found {
        let Some(environment) = self.environment(name) else { return Found::Absent };
        if let Some(held) = environment.held() {
            return Found::Held(held);
        }
        let interval = self.settings.poll_interval;
        if !environment.is_absent(interval) {
            // Boxed: requests that need not wait should not carry the room for it.
            Box::pin(environment.refresh(&self.source)).await;
        }
        match environment.held() {
            Some(held) => Found::Held(held),
            None if environment.is_absent(interval) => Found::Absent,
            None => Found::Unavailable,
        }
    }

    fn known(&self) -> HashMap<String, Arc<Environment>> {
        self.environments.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The environment of this name, remembered from now on while there is room; `None` for an
    /// impossible name.
    fn environment(&self, name: &str) -> Option<Arc<Environment>> {
        if let Some(found) = self.environments.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Some(Arc::clone(found));
        }
        if !is_servable_environment(name) {
            return None;
        }
        let mut environments = self.environments.write().unwrap_or_else(PoisonError::into_inner);
        if environments.len() >= self.settings.environments.len() + MAX_REMEMBERED {
            // Make room by forgetting some other name that leads to nothing. Those that lead to
            // something are as many as were published, and stay.
            let configured = &self.settings.environments;
            let forgettable = environments
                .iter()
                .find(|(name, environment)| environment.held().is_none() && !configured.contains(name))
                .map(|(name, _)| name.clone());
            if let Some(forgettable) = forgettable {
                environments.remove(&forgettable);
            }
        }
        let environment =
            environments.entry(name.to_owned()).or_insert_with(|| Arc::new(Environment::new(name)));
        Some(Arc::clone(environment))
    }

    async fn refresh_all(self: &Arc<Self>) {
        let mut looks = JoinSet::new();
        for environment in self.known().into_values() {
            let source = self.source.clone();
            looks.spawn(async move { environment.refresh(&source).await });
        }
        while looks.join_next().await.is_some() {}
    }

    /// Forgets names that were asked for once and lead to nothing.
    fn forget_absent(&self) {
        let interval = self.settings.poll_interval;
        let configured = &self.settings.environments;
        let mut environments = self.environments.write().unwrap_or_else(PoisonError::into_inner);
        environments.retain(|name, environment| {
            configured.contains(name) || environment.held().is_some() || environment.is_absent(interval)
        });
    }
}

/// Refreshes until the role is gone.
async fn poll(role: Weak<DecideRole>) {
    loop {
        let Some(interval) = role.upgrade().map(|role| role.settings.poll_interval) else { return };
        tokio::time::sleep(interval).await;
        let Some(role) = role.upgrade() else { return };
        role.forget_absent();
        role.refresh_all().await;
        if let Some(limiter) = &role.limiter {
            limiter.forget_rested();
        }
    }
}
