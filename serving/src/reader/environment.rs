//! One environment as a reader holds it.

use core::time::Duration;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::look::Look;
use super::source::{Object, Report, Source};
use super::{Found, ReaderSettings};
use crate::health::EnvironmentHealth;
use crate::published::Published;

/// How often those who wait for somebody else's look see whether it has ended.
const WAIT: Duration = Duration::from_millis(5);

/// How long a store that could not be read is left alone while nothing is held, from the end of the
/// look that failed. Requests of that time are refused at once.
const REST: Duration = Duration::from_secs(1);

/// The last good snapshot of an environment, and how it stands with the store.
#[derive(Debug)]
pub(super) struct Environment {
    name: String,
    held: RwLock<Option<Arc<Published>>>,
    standing: Mutex<Standing>,
}

#[derive(Debug, Default)]
struct Standing {
    /// Whether the store has ever answered.
    is_known: bool,
    /// Since when somebody looks.
    looking_since: Option<Duration>,
    /// When the last look that ended had begun.
    looked_at: Option<Duration>,
    /// When the next look is due.
    due_at: Duration,
    /// When the store last confirmed what is held.
    confirmed_at: Option<Duration>,
    last_error: Option<String>,
    /// The `version.json` that was taken in last.
    pointer: Option<Object>,
}

/// What whoever asks for a look would be content with.
#[derive(Clone, Copy)]
pub(super) enum Want {
    /// Anything that is known: [`Environment::known`].
    Known,
    /// A look that is not older than the poll interval, or is under way.
    Recent,
    /// A look that began later than this.
    After(Duration),
}

/// Whether to look.
enum Turn {
    Mine,
    SomebodyElses,
    Over,
}

impl Environment {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), held: RwLock::default(), standing: Mutex::default() }
    }

    pub(super) fn held(&self) -> Option<Arc<Published>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What is known without asking the store, while that is recent enough; a held snapshot is
    /// known however old it is.
    pub(super) fn known(&self, now: Duration) -> Option<Found> {
        if let Some(held) = self.held() {
            return Some(Found::Held(held));
        }
        self.with_standing(|it| {
            let is_recent = it.looked_at.is_some() && now < it.due_at;
            is_recent.then(|| if it.last_error.is_some() { Found::Unavailable } else { Found::Absent })
        })
    }

    /// Whether it is time to look, and nobody does.
    pub(super) fn is_due(&self, now: Duration, settings: &ReaderSettings) -> bool {
        self.with_standing(|it| now >= it.due_at && !it.is_looked_at(now, settings))
    }

    pub(super) fn health(&self, now: Duration) -> EnvironmentHealth {
        let version = self.held().map(|held| held.snapshot().version());
        self.with_standing(|it| EnvironmentHealth {
            version,
            age_seconds: version.and(it.confirmed_at).map(|at| now.saturating_sub(at).as_secs()),
            last_error: it.last_error.clone(),
        })
    }

    /// Whether the last look failed.
    pub(super) fn has_failed(&self) -> bool {
        self.with_standing(|it| it.last_error.is_some())
    }

    /// Whether the store has ever answered about it.
    pub(super) fn is_known(&self) -> bool {
        self.with_standing(|it| it.is_known)
    }

    /// Looks at the store, one look at a time, until there is what is wanted.
    pub(super) async fn refresh(&self, want: Want, source: &impl Source, settings: &ReaderSettings) {
        loop {
            match self.turn(want, source.now(), settings) {
                Turn::Mine => break,
                Turn::SomebodyElses => source.pause(WAIT).await,
                Turn::Over => return,
            }
        }
        let began_at = source.now();
        let looking = Looking { environment: self, began_at };
        let pointer = self.with_standing(|it| it.pointer.clone());
        let look = Look { source, environment: &self.name, interval: settings.poll_interval };
        let seen = look.at_store(self.held(), pointer).await;
        if let Some(error) = &seen.error {
            source.report(&self.name, Report::Failed(error));
        }
        if let Some(published) = seen.published {
            source.report(&self.name, Report::Loaded(published.snapshot().version()));
            self.install(published);
        }
        // A look that only found what was kept nearby is as old as that. Where nothing is held, others
        // have been waiting for the end of this one, and are not to begin the next.
        let due_at = match (self.held(), &seen.error) {
            (Some(_), None) => seen.confirmed_at.unwrap_or(began_at) + settings.poll_interval,
            (Some(_), Some(_)) => began_at + settings.poll_interval,
            (None, None) => source.now() + settings.poll_interval,
            (None, Some(_)) => source.now() + REST,
        };
        self.with_standing(|it| {
            it.is_known |= seen.error.is_none();
            it.looked_at = Some(began_at);
            it.confirmed_at = seen.confirmed_at.or(it.confirmed_at);
            it.due_at = due_at;
            it.last_error = seen.error;
            it.pointer = seen.pointer.or(it.pointer.take());
        });
        drop(looking);
    }

    fn turn(&self, want: Want, now: Duration, settings: &ReaderSettings) -> Turn {
        let is_there = match want {
            Want::Known => self.known(now).is_some(),
            Want::Recent => !self.is_due(now, settings),
            Want::After(asked_at) => self.with_standing(|it| it.looked_at.is_some_and(|at| at > asked_at)),
        };
        if is_there {
            return Turn::Over;
        }
        self.with_standing(|it| {
            if it.is_looked_at(now, settings) {
                return Turn::SomebodyElses;
            }
            it.looking_since = Some(now);
            Turn::Mine
        })
    }

    /// A look that took longer than another does not bring an older snapshot back.
    fn install(&self, published: Published) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if held.as_ref().is_none_or(|held| held.snapshot().version() < published.snapshot().version()) {
            *held = Some(Arc::new(published));
        }
    }

    fn with_standing<T>(&self, look: impl FnOnce(&mut Standing) -> T) -> T {
        look(&mut self.standing.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Standing {
    /// Whether somebody looks. A Worker may stop a request for good in the middle of a look, so a
    /// look that should long have ended no longer counts.
    fn is_looked_at(&self, now: Duration, settings: &ReaderSettings) -> bool {
        self.looking_since.is_some_and(|since| now.saturating_sub(since) < settings.longest_look())
    }
}

/// Ends a look, also when the request that looks is dropped.
struct Looking<'e> {
    environment: &'e Environment,
    began_at: Duration,
}

impl Drop for Looking<'_> {
    fn drop(&mut self) {
        self.environment.with_standing(|it| {
            if it.looking_since.is_some_and(|since| since <= self.began_at) {
                it.looking_since = None;
            }
        });
    }
}
