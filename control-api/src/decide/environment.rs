//! One environment as this process holds it.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use lotwise_serving::{EnvironmentHealth, Pointer, Published};
use tokio::sync::Mutex as AsyncMutex;

use super::source::{FetchError, Fetched, Source};

/// `version.json` is a few hundred bytes; far more is rubbish.
const MAX_POINTER_BYTES: usize = 16 << 10;

/// The last good snapshot of an environment, and how it stands with the store.
#[derive(Debug)]
pub(super) struct Environment {
    name: String,
    held: RwLock<Option<Arc<Published>>>,
    standing: Mutex<Standing>,
    /// Held during a refresh, so that there is one at a time. The entity tag of the `version.json`
    /// that is fully taken in.
    refreshing: AsyncMutex<Option<String>>,
}

#[derive(Debug, Default)]
struct Standing {
    /// Whether the store has ever answered.
    is_known: bool,
    /// When the store was last asked.
    checked_at: Option<Instant>,
    /// When the store last confirmed what is held.
    confirmed_at: Option<Instant>,
    last_error: Option<String>,
}

impl Environment {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            held: RwLock::default(),
            standing: Mutex::default(),
            refreshing: AsyncMutex::default(),
        }
    }

    pub(super) fn held(&self) -> Option<Arc<Published>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the store was asked within `interval` and said that there is nothing.
    pub(super) fn is_absent(&self, interval: Duration) -> bool {
        self.with_standing(|it| {
            it.last_error.is_none() && it.checked_at.is_some_and(|at| at.elapsed() < interval)
        }) && self.held().is_none()
    }

    pub(super) fn health(&self) -> EnvironmentHealth {
        let version = self.held().map(|held| held.snapshot().version());
        self.with_standing(|it| EnvironmentHealth {
            version,
            age_seconds: version.and(it.confirmed_at).map(|at| at.elapsed().as_secs()),
            last_error: it.last_error.clone(),
        })
    }

    /// Whether the store has ever answered about it.
    pub(super) fn is_known(&self) -> bool {
        self.with_standing(|it| it.is_known)
    }

    /// Looks at the store. Whoever waits for a look that began after it asked takes that one's outcome.
    pub(super) async fn refresh(&self, source: &Source) {
        let asked_at = Instant::now();
        let mut etag = self.refreshing.lock().await;
        if self.with_standing(|it| it.checked_at.is_some_and(|at| at > asked_at)) {
            return;
        }
        let began_at = Instant::now();
        let outcome = self.look(source, &mut etag).await;
        if let Err(error) = &outcome {
            let held = self.held().map(|held| held.snapshot().version());
            tracing::warn!(environment = self.name, error, held, "staying with what is held");
        }
        self.with_standing(|it| {
            it.checked_at = Some(began_at);
            if outcome.is_ok() {
                it.is_known = true;
                it.confirmed_at = Some(began_at);
            }
            it.last_error = outcome.err();
        });
    }

    /// Takes in what `version.json` points to, if that is newer than what is held.
    async fn look(&self, source: &Source, taken: &mut Option<String>) -> Result<(), String> {
        let path = format!("{}/version.json", self.name);
        let fetched = source.get(&path, taken.as_deref(), MAX_POINTER_BYTES).await;
        let (etag, body) = match fetched.map_err(|error| error.to_string())? {
            Fetched::NotModified => return Ok(()),
            Fetched::Absent if self.held().is_none() => return Ok(()),
            Fetched::Absent => return Err("version.json is gone from the store".to_owned()),
            Fetched::Object { etag, bytes } => (etag, bytes),
        };
        let pointer = Pointer::parse(&self.name, &body).map_err(|error| error.to_string())?;
        let held = self.held();
        if pointer.is_beyond(held.as_deref()) {
            let published = self.fetch_snapshot(source, pointer).await?;
            tracing::info!(environment = self.name, version = published.snapshot().version(), "loaded");
            *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(published));
        } else if let Some(held) = held
            && pointer.version() < held.snapshot().version()
        {
            let (old, new) = (pointer.version(), held.snapshot().version());
            return Err(format!("the store answers with version {old}, older than {new}, which is held"));
        }
        *taken = etag;
        Ok(())
    }

    async fn fetch_snapshot(&self, source: &Source, pointer: Pointer) -> Result<Published, String> {
        let path = format!("{}/{}", self.name, pointer.path());
        let object = match source.get(&path, None, pointer.bytes()).await {
            Ok(Fetched::Object { bytes, .. }) => bytes,
            Ok(Fetched::Absent | Fetched::NotModified) => {
                return Err("the snapshot that version.json names is not at the store".to_owned());
            }
            Err(FetchError::TooLarge) => return Err("snapshot: not of the promised length".to_owned()),
            Err(error) => return Err(format!("snapshot: {error}")),
        };
        // Loading the largest document takes a good part of a second.
        let loaded = tokio::task::spawn_blocking(move || pointer.load(&object)).await;
        loaded.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    }

    fn with_standing<T>(&self, look: impl FnOnce(&mut Standing) -> T) -> T {
        look(&mut self.standing.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
