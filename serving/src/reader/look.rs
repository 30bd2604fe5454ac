//! One look at the store.

use core::time::Duration;
use std::sync::Arc;

use super::source::{FetchError, Fetched, Object, Report, Source};
use crate::published::{Form, Pointer, Published};

/// `version.json` is a few hundred bytes; far more is rubbish.
const MAX_POINTER_BYTES: usize = 16 << 10;

/// Looks for something newer than what is held.
pub(super) struct Look<'l, S> {
    pub(super) source: &'l S,
    pub(super) environment: &'l str,
    /// What was kept longer ago than this is asked for again.
    pub(super) interval: Duration,
}

/// What a look came to.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// A newer snapshot.
    pub(super) published: Option<Published>,
    /// The `version.json` that goes with what is held now.
    pub(super) pointer: Option<Object>,
    /// When the store said that this is the present version.
    pub(super) confirmed_at: Option<Duration>,
    /// What went wrong; there may be a snapshot all the same.
    pub(super) error: Option<String>,
}

impl<S: Source> Look<'_, S> {
    /// What is kept nearby if it is recent, else what the store has, else, when nothing is held,
    /// what is kept nearby however old. `taken` is the `version.json` taken in last. Nothing older than
    /// any of these is believed, whoever says it.
    pub(super) async fn at_store(&self, held: Option<Arc<Published>>, taken: Option<Object>) -> Seen {
        let held = held.as_deref();
        let path = format!("{}/version.json", self.environment);
        let began_at = self.source.now();
        let kept = self.source.recall(&path).await;
        if let Some(kept) = &kept
            && began_at.checked_sub(kept.stored_at).is_some_and(|age| age < self.interval)
            && self.version(&kept.object) >= held.map(|held| held.snapshot().version())
            && let Ok(published) = self.take(held, &kept.object).await
        {
            let (pointer, confirmed_at) = (Some(kept.object.clone()), Some(kept.stored_at));
            return Seen { published, pointer, confirmed_at, error: None };
        }
        let known = taken.into_iter().chain(kept.as_ref().map(|kept| kept.object.clone()));
        let known = known.max_by_key(|object| self.version(object)).filter(|it| self.version(it).is_some());
        let error = match self.ask(&path, held, known).await {
            Ok(None) => return Seen::default(),
            Ok(Some(object)) => match self.take(held, &object).await {
                Ok(published) => {
                    self.source.keep(&path, &object).await;
                    let (pointer, confirmed_at) = (Some(object), Some(began_at));
                    return Seen { published, pointer, confirmed_at, error: None };
                }
                Err(error) => error,
            },
            Err(error) => error,
        };
        let mut seen = Seen { error: Some(error), ..Seen::default() };
        if held.is_none()
            && let Some(kept) = kept
            && let Ok(published) = self.take(None, &kept.object).await
        {
            seen.published = published;
            seen.confirmed_at = Some(kept.stored_at);
            seen.pointer = Some(kept.object);
        }
        seen
    }

    /// The `version.json` of the store; `None` when the environment has none.
    async fn ask(
        &self,
        path: &str,
        held: Option<&Published>,
        known: Option<Object>,
    ) -> Result<Option<Object>, String> {
        let etag = known.as_ref().and_then(|object| object.etag.as_deref());
        let fetched = self.source.fetch(path, etag, MAX_POINTER_BYTES).await;
        match (fetched.map_err(|error| error.to_string())?, known) {
            (Fetched::Object(object), known) => {
                self.require_no_older(&object, known.as_ref())?;
                Ok(Some(object))
            }
            (Fetched::NotModified, Some(known)) => Ok(Some(known)),
            (Fetched::NotModified, None) => Err("the store answers 304 to an unconditional request".into()),
            (Fetched::Absent, None) if held.is_none() => Ok(None),
            (Fetched::Absent, _) => Err("version.json is gone from the store".into()),
        }
    }

    /// Refuses what a stale replica of the store says.
    fn require_no_older(&self, object: &Object, known: Option<&Object>) -> Result<(), String> {
        let new = self.pointer(object)?.version();
        match known.and_then(|known| self.version(known)) {
            Some(known) if new < known => {
                Err(format!("the store answers with version {new}, older than {known}, which is known"))
            }
            _ => Ok(()),
        }
    }

    /// The version that a `version.json` points to, if it can be read.
    fn version(&self, object: &Object) -> Option<u64> {
        self.pointer(object).ok().map(|pointer| pointer.version())
    }

    /// Loads what a `version.json` points to, if that is beyond what is held.
    async fn take(&self, held: Option<&Published>, pointer: &Object) -> Result<Option<Published>, String> {
        let pointer = self.pointer(pointer)?;
        if pointer.is_beyond(held) { self.snapshot(&pointer).await.map(Some) } else { Ok(None) }
    }

    /// The snapshot from the first of its forms that can be taken.
    async fn snapshot(&self, pointer: &Pointer) -> Result<Published, String> {
        let mut forms = pointer.forms().peekable();
        while let Some(form) = forms.next() {
            match self.form(form).await {
                Err(error) if forms.peek().is_some() => {
                    self.source.report(self.environment, Report::Skipped(&error));
                }
                outcome => return outcome,
            }
        }
        Err("version.json names no snapshot".into())
    }

    async fn form(&self, form: Form<'_>) -> Result<Published, String> {
        let path = format!("{}/{}", self.environment, form.path());
        if let Some(kept) = self.source.recall(&path).await
            && let Ok(published) = self.source.load(form, &kept.object.bytes).await
        {
            return Ok(published);
        }
        let object = match self.source.fetch(&path, None, form.bytes()).await {
            Ok(Fetched::Object(object)) => object,
            Ok(Fetched::Absent | Fetched::NotModified) => {
                return Err("the snapshot that version.json names is not at the store".into());
            }
            Err(FetchError::TooLarge) => return Err("snapshot: not of the promised length".into()),
            Err(error) => return Err(format!("snapshot: {error}")),
        };
        let loaded = self.source.load(form, &object.bytes).await;
        let published = loaded.map_err(|error| error.to_string())?;
        self.source.keep(&path, &object).await;
        Ok(published)
    }

    fn pointer(&self, object: &Object) -> Result<Pointer, String> {
        Pointer::parse(self.environment, &object.bytes).map_err(|error| error.to_string())
    }
}
