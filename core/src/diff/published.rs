//! A document together with what it loads to.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use serde_json::value::RawValue;

use crate::document::node::RawMembers;
use crate::fault::Fault;
use crate::snapshot::Snapshot;

/// A document that is compared: the text tells which fields differ, the snapshot what a reader makes of
/// them.
#[derive(Debug)]
pub struct Published<'d> {
    snapshot: Snapshot,
    /// The text of each experiment, in the order of the snapshot.
    experiments: Vec<&'d str>,
    /// Sorted by name.
    segments: Vec<(Cow<'d, str>, &'d str)>,
}

/// An object's members in order.
type Members<'d> = Vec<(Cow<'d, str>, &'d RawValue)>;

impl<'d> Published<'d> {
    /// Loads a document as readers do.
    ///
    /// # Errors
    ///
    /// What [`Snapshot::load`] refuses.
    pub fn load(document: &'d [u8]) -> Result<Self, Fault> {
        let snapshot = Snapshot::load(document)?;
        let text = core::str::from_utf8(document).unwrap_or_default();
        let root = members(text);
        let experiments = last(&root, "experiments");
        let experiments = experiments.and_then(|text| serde_json::from_str::<Vec<&RawValue>>(text).ok());
        let mut experiments: Vec<(Cow<'d, str>, &'d str)> = experiments
            .unwrap_or_default()
            .into_iter()
            .filter_map(|raw| {
                let text = raw.get();
                let key =
                    last(&members(text), "key").and_then(|key| serde_json::from_str::<Text<'_>>(key).ok());
                key.map(|Text(key)| (key, text))
            })
            .collect();
        experiments.sort_by(|a, b| a.0.cmp(&b.0));
        let segments = last(&root, "segments").map(members).unwrap_or_default();
        let mut segments: Vec<_> = segments.into_iter().map(|(name, raw)| (name, raw.get())).collect();
        // Sorting is stable: of members with one name the last counts.
        segments.reverse();
        segments.sort_by(|a, b| a.0.cmp(&b.0));
        segments.dedup_by(|later, kept| later.0 == kept.0);
        Ok(Self { snapshot, experiments: experiments.into_iter().map(|(_, text)| text).collect(), segments })
    }

    /// What it loads to.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The text of the experiment at this position.
    pub(crate) fn experiment_text(&self, position: usize) -> &'d str {
        self.experiments.get(position).copied().unwrap_or_default()
    }

    /// Name and text of each segment, sorted by name.
    pub(crate) fn segments(&self) -> &[(Cow<'d, str>, &'d str)] {
        &self.segments
    }
}

#[derive(serde::Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The members of an object; none of anything else.
pub(crate) fn members(text: &str) -> Members<'_> {
    serde_json::from_str::<RawMembers<'_>>(text).map(|members| members.0).unwrap_or_default()
}

/// The text of a member; the last of this name, and none when it is null.
pub(crate) fn last<'d>(members: &Members<'d>, name: &str) -> Option<&'d str> {
    let found = members.iter().rev().find(|(known, _)| *known == name);
    found.map(|(_, raw)| raw.get()).filter(|text| *text != "null")
}
