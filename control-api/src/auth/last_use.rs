//! When tokens were used.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

/// The last use is written down no more often than this.
const GRAIN: Duration = Duration::from_mins(1);

/// Which tokens this process has written down as used, and when.
#[derive(Debug, Default)]
pub(super) struct LastUse(Mutex<HashMap<Uuid, Instant>>);

impl LastUse {
    /// Whether a use of this token is to be written down now, which the caller then does.
    pub(super) fn is_due(&self, token: Uuid) -> bool {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if noted.get(&token).is_some_and(|last| now.duration_since(*last) < GRAIN) {
            return false;
        }
        noted.retain(|_, last| now.duration_since(*last) < GRAIN);
        noted.insert(token, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_is_due_once_a_minute() {
        let uses = LastUse::default();
        let [one, two] = [1, 2].map(Uuid::from_u128);
        assert!(uses.is_due(one) && uses.is_due(two));
        assert!(!uses.is_due(one));
    }
}
