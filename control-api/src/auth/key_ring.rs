//! The keys of environments, kept in memory: deciding and sending events are too frequent to ask the
//! database about each.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use lotwise_serving::{EnvironmentKey as ServedKey, Holder, Keys};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::domain::credential::public_part;
use crate::domain::environment_key::KeyKind;
use crate::state::AppState;
use crate::store::StoreResult;
use crate::store::environment_keys::LiveKey;

/// Time between two looks at the database. A key that was revoked elsewhere opens this process for no
/// longer than that.
const REFRESH: Duration = Duration::from_secs(5);

/// Keys that were not refreshed for so long are not relied on, where the database can be asked.
const STALE: Duration = Duration::from_secs(15);

/// The keys that this process knows: those of its settings and those of the database.
#[derive(Debug, Default)]
pub(super) struct KeyRing(RwLock<Arc<Held>>);

#[derive(Debug, Default)]
struct Held {
    keys: Keys,
    rows: Vec<LiveKey>,
    /// Of the database's keys, by the part of their text that may be known.
    by_id: HashMap<String, usize>,
    /// None: never.
    refreshed_at: Option<Instant>,
}

impl KeyRing {
    pub(super) fn new(keys: Keys) -> Self {
        Self(RwLock::new(Arc::new(Held { keys, ..Held::default() })))
    }

    fn held(&self) -> Arc<Held> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// All of them, as the decide service takes them.
    pub(super) fn keys(&self) -> Keys {
        self.held().keys.clone()
    }

    /// The key of an environment that this text is, as far as is known here and still to be relied on.
    pub(super) fn environment_key(&self, text: &str) -> Option<LiveKey> {
        let held = self.held();
        let is_fresh = held.refreshed_at.is_some_and(|at| at.elapsed() < STALE);
        match held.keys.holder(text) {
            Holder::Environment(key, _) if is_fresh => {
                held.by_id.get(&key.id).and_then(|&index| held.rows.get(index)).cloned()
            }
            _ => None,
        }
    }

    /// What this text is among the keys of the process's settings.
    pub(super) fn settings_key(&self, text: &str) -> Option<KeyKind> {
        match self.held().keys.holder(text) {
            Holder::Secret(_) => Some(KeyKind::Secret),
            Holder::Publishable(_) => Some(KeyKind::Publishable),
            Holder::Unknown | Holder::Explain | Holder::Environment(..) => None,
        }
    }

    fn replace(&self, rows: Vec<LiveKey>) {
        let held = self.held();
        // The same keys keep what is noted about their use.
        let keys = if rows == held.rows && held.refreshed_at.is_some() {
            held.keys.clone()
        } else {
            held.keys.with_environment_keys(rows.iter().map(served).collect())
        };
        let by_id = rows.iter().enumerate().map(|(index, row)| (id(row), index)).collect();
        let refreshed_at = Some(Instant::now());
        let next = Arc::new(Held { keys, rows, by_id, refreshed_at });
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = next;
    }

    /// The keys that were used since this was asked last.
    fn take_used(&self) -> Vec<Uuid> {
        let held = self.held();
        let used = held.keys.environment_keys().iter().filter(|key| key.take_use());
        used.filter_map(|key| Some(held.rows.get(*held.by_id.get(&key.id)?)?.id)).collect()
    }
}

fn id(row: &LiveKey) -> String {
    public_part(row.kind.credential(), row.id)
}

fn served(row: &LiveKey) -> ServedKey {
    let is_secret = row.kind == KeyKind::Secret;
    ServedKey::new(id(row), *row.digest.as_bytes(), row.environment.clone(), is_secret)
}

/// Reads the keys again, for this API and for the decide role in the same process, and writes down
/// which were used.
pub async fn refresh_keys(state: &AppState) -> StoreResult<()> {
    let ring = &state.access.ring;
    let rows = state.store.live_environment_keys().await?;
    let used = ring.take_used();
    ring.replace(rows);
    if let Some(decide) = &state.decide {
        decide.take_environment_keys(&ring.keys());
    }
    if !used.is_empty() {
        state.store.note_key_uses(&used).await?;
    }
    Ok(())
}

/// Refreshes until `stop` turns true. With the database away the keys stay as they are.
pub fn keep_keys_fresh(state: AppState, mut stop: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        while !*stop.borrow() {
            if let Err(error) = refresh_keys(&state).await {
                tracing::warn!(%error, "the keys of environments cannot be read");
            }
            tokio::select! {
                () = tokio::time::sleep(REFRESH) => {}
                _ = stop.changed() => {}
            }
        }
    })
}
