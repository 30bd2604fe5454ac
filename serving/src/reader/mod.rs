//! When to look at the store, what to believe, and what to hold: the same on every host.
//!
//! A host gives a [`Source`] and calls [`Reader::find`] for each request. A server calls
//! [`Reader::refresh_all_now`] on a timer; a Worker, which has none, asks [`Reader::is_due`] and calls
//! [`Reader::refresh_due`] behind the response.

mod environment;
mod look;
mod source;

use core::time::Duration;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use futures_util::future::join_all;

use crate::health::health;
use crate::problem::Problem;
use crate::published::Published;
use crate::response::Response;
use crate::settings::is_servable_environment;
use environment::{Environment, Want};
pub use source::{FetchError, Fetched, Kept, Object, Report, Source};

/// How many environments beyond the configured and the published ones are remembered: what a flood of
/// made-up names costs in memory, and in questions to the store per poll interval.
const MAX_REMEMBERED: usize = 256;

/// How long a look may take, in time-outs of one fetch: the pointer, the snapshot in two forms, and
/// as long again for everything else.
const FETCHES_PER_LOOK: u32 = 4;

/// How a reader behaves.
#[derive(Clone, Debug)]
pub struct ReaderSettings {
    /// Environments that `/health` names whether anybody asked for them or not.
    pub environments: Vec<String>,
    /// Time between two looks at `version.json`; also how long an absent environment is believed
    /// to be absent.
    pub poll_interval: Duration,
    /// The longest that one fetch takes.
    pub fetch_timeout: Duration,
}

impl ReaderSettings {
    fn longest_look(&self) -> Duration {
        self.fetch_timeout * FETCHES_PER_LOOK
    }
}

/// What there is for an environment.
#[derive(Clone, Debug)]
pub enum Found {
    /// The last good snapshot.
    Held(Arc<Published>),
    /// The store has nothing published for it.
    Absent,
    /// The store cannot say, and nothing is held.
    Unavailable,
}

/// The last good snapshot of every environment that was asked for.
#[derive(Debug)]
pub struct Reader<S> {
    source: S,
    settings: ReaderSettings,
    environments: RwLock<HashMap<String, Arc<Environment>>>,
}

impl<S: Source> Reader<S> {
    /// A reader that holds nothing yet.
    pub fn new(source: S, settings: ReaderSettings) -> Self {
        let environments = settings.environments.iter();
        let environments =
            environments.map(|name| (name.clone(), Arc::new(Environment::new(name)))).collect();
        Self { source, settings, environments: RwLock::new(environments) }
    }

    /// The host that it reads through.
    pub fn source(&self) -> &S {
        &self.source
    }

    /// What there is for an environment. Waits for the store only while nothing is known.
    pub async fn find(&self, name: &str) -> Found {
        let environment = match self.environment(name) {
            Ok(environment) => environment,
            Err(found) => return found,
        };
        if let Some(found) = environment.known(self.source.now()) {
            return found;
        }
        // Boxed: requests that need not wait should not carry the room for it.
        Box::pin(environment.refresh(Want::Known, &self.source, &self.settings)).await;
        environment.known(self.source.now()).unwrap_or(Found::Unavailable)
    }

    /// Whether it is time to look again, and nobody does yet.
    pub fn is_due(&self, name: &str) -> bool {
        self.environment(name).is_ok_and(|it| it.is_due(self.source.now(), &self.settings))
    }

    /// Looks again if it is time to.
    pub async fn refresh_due(&self, name: &str) {
        if let Ok(environment) = self.environment(name) {
            environment.refresh(Want::Recent, &self.source, &self.settings).await;
        }
    }

    /// Looks at everything that is configured or held, if it is time to. Forgets names that lead to
    /// nothing.
    pub async fn refresh_all_due(&self) {
        self.forget_absent();
        self.refresh_each(Want::Recent).await;
    }

    /// Looks again whatever the time, as after a publish.
    pub async fn refresh_now(&self, name: &str) {
        if let Ok(environment) = self.environment(name) {
            environment.refresh(Want::After(self.source.now()), &self.source, &self.settings).await;
        }
    }

    /// The same for everything that is configured or held. Forgets names that lead to nothing.
    pub async fn refresh_all_now(&self) {
        self.forget_absent();
        self.refresh_each(Want::After(self.source.now())).await;
    }

    /// Whether the last look at the store failed, so that asking it again is likely to take long.
    pub(crate) fn has_failed(&self, name: &str) -> bool {
        self.environment(name).is_ok_and(|it| it.has_failed())
    }

    /// The body of `/health`.
    pub fn health(&self) -> serde_json::Value {
        let now = self.source.now();
        let environments: BTreeMap<_, _> = self
            .remembered()
            .into_iter()
            .map(|(name, environment)| (name, environment.health(now)))
            .collect();
        health(&environments)
    }

    /// The answer to `/ready`.
    pub fn answer_ready(&self, request_id: &str) -> Response {
        if self.is_ready() {
            return Response::json(200, br#"{"status":"ready"}"#.to_vec());
        }
        let detail = "The store has not said yet what is published.";
        Problem::new(503, "not_ready", detail).response(request_id)
    }

    /// Whether the store has said of every configured environment what there is.
    pub fn is_ready(&self) -> bool {
        let remembered = self.remembered();
        self.settings.environments.iter().all(|name| remembered.get(name).is_some_and(|it| it.is_known()))
    }

    async fn refresh_each(&self, want: Want) {
        let mut environments = self.remembered();
        environments.retain(|name, it| self.settings.environments.contains(name) || it.held().is_some());
        join_all(environments.values().map(|it| it.refresh(want, &self.source, &self.settings))).await;
    }

    fn remembered(&self) -> HashMap<String, Arc<Environment>> {
        self.environments.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The environment of this name, remembered from now on. A name that cannot exist is absent. When
    /// as many names as are remembered turned out absent within a poll interval, somebody makes them
    /// up, and a further one is not looked up until some of these are forgotten.
    fn environment(&self, name: &str) -> Result<Arc<Environment>, Found> {
        if let Some(found) = self.environments.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Ok(Arc::clone(found));
        }
        if !is_servable_environment(name) {
            return Err(Found::Absent);
        }
        let mut environments = self.environments.write().unwrap_or_else(PoisonError::into_inner);
        if self.is_full(&environments) {
            self.retain(&mut environments);
        }
        if self.is_full(&environments) {
            return Err(Found::Unavailable);
        }
        let environment =
            environments.entry(name.to_owned()).or_insert_with(|| Arc::new(Environment::new(name)));
        Ok(Arc::clone(environment))
    }

    fn is_full(&self, environments: &HashMap<String, Arc<Environment>>) -> bool {
        let configured = &self.settings.environments;
        let is_made_up =
            |(name, it): &(&String, &Arc<Environment>)| it.held().is_none() && !configured.contains(name);
        environments.iter().filter(is_made_up).count() >= MAX_REMEMBERED
    }

    /// Forgets names that were asked for a while ago and lead to nothing.
    fn forget_absent(&self) {
        self.retain(&mut self.environments.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn retain(&self, environments: &mut HashMap<String, Arc<Environment>>) {
        let (now, configured) = (self.source.now(), &self.settings.environments);
        environments.retain(|name, environment| {
            configured.contains(name)
                || environment.held().is_some()
                || !environment.is_due(now, &self.settings)
        });
    }
}
