//! What a host remembers of a user, for as long as it answers one request.

use lotwise_core::{Evaluation, ExperimentId, Reason, Snapshot, Sticky};

use super::StickyCookies;
use super::cookie::{Cookie, Entry, Owner, excess, set_cookie};
use super::keys::StickyKeys;
use crate::response::Header;

/// Sticky state out of a cookie, on its way into the next one.
#[derive(Debug)]
pub(crate) struct Memory<'a> {
    keys: &'a StickyKeys,
    owner: Owner<'a>,
    /// Oldest first.
    entries: Vec<Entry>,
    is_stale: bool,
}

impl<'a> Memory<'a> {
    /// What the cookies say of the user, and still counts: experiments that the snapshot does not
    /// have may come back, but not those that it no longer marks sticky, nor variants that are
    /// gone. `None` where the snapshot marks nothing.
    pub(crate) fn recall(
        cookies: StickyCookies<'a>,
        snapshot: &'a Snapshot,
        user_key: &'a str,
    ) -> Option<Self> {
        if !snapshot.experiments().any(|experiment| snapshot.is_sticky(experiment)) {
            return None;
        }
        let owner = Owner { environment: snapshot.environment(), user_key };
        let mut memory = Self { keys: cookies.keys, owner, entries: Vec::new(), is_stale: false };
        if let Some(Cookie { entries, is_current }) = Cookie::find(cookies.keys, owner, cookies.header) {
            let found = entries.len();
            memory.entries = entries;
            memory.entries.retain(|entry| match snapshot.experiment(&entry.experiment) {
                Some(experiment) => {
                    snapshot.is_sticky(experiment) && snapshot.has_variant(experiment, &entry.variant)
                }
                None => true,
            });
            memory.is_stale = !is_current || memory.entries.len() < found;
        }
        Some(memory)
    }

    /// The state that decisions look at.
    pub(crate) fn sticky(&self) -> Sticky {
        self.entries.iter().map(|entry| (entry.experiment.clone(), entry.variant.clone())).collect()
    }

    /// Whether the browser should keep another cookie than it has.
    pub(crate) fn is_stale(&self) -> bool {
        self.is_stale
    }

    /// Remembers what the split gave in these experiments, at the cost of the oldest entries. Their
    /// conditions have been asked before, so deciding again is cheap.
    pub(crate) fn learn(
        &mut self,
        evaluation: &mut Evaluation<'_>,
        experiments: impl IntoIterator<Item = ExperimentId>,
    ) {
        let snapshot = evaluation.snapshot();
        for experiment in experiments.into_iter().filter(|it| snapshot.is_sticky(*it)) {
            let decision = evaluation.decide(experiment);
            if decision.reason == Reason::Split
                && let Some(variant) = snapshot.variant(decision)
                && let Some(entry) = Entry::new(snapshot.experiment_key(experiment), variant.key)
            {
                self.entries.push(entry);
                self.is_stale = true;
            }
        }
        self.entries.drain(..excess(&self.entries));
    }

    /// The cookie that the browser should keep, if it is another one than it has.
    pub(crate) fn header(&self) -> Option<Header> {
        let cookie = self.is_stale.then(|| set_cookie(self.keys, self.owner, &self.entries)).flatten();
        cookie.map(|cookie| ("set-cookie", cookie.into()))
    }
}
