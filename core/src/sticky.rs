//! What a subject was given before.

use alloc::string::String;
use alloc::vec::Vec;

/// Sticky state: variant key by experiment key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sticky(Vec<(String, String)>);

impl Sticky {
    /// Nothing was given.
    pub fn new() -> Self {
        Self::default()
    }

    /// The state of these entries if they are in the order of experiment keys, each once.
    pub(crate) fn from_sorted(entries: Vec<(String, String)>) -> Option<Self> {
        entries.is_sorted_by(|a, b| a.0 < b.0).then_some(Self(entries))
    }

    /// Experiment and variant keys, in the order of experiment keys.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(experiment, variant)| (&**experiment, &**variant))
    }
}

/// Of several entries for one experiment the last counts.
impl FromIterator<(String, String)> for Sticky {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(entries: I) -> Self {
        let mut entries: Vec<_> = entries.into_iter().collect();
        entries.reverse();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries.dedup_by(|later, kept| later.0 == kept.0);
        Self(entries)
    }
}

impl<const N: usize> From<[(String, String); N]> for Sticky {
    fn from(entries: [(String, String); N]) -> Self {
        entries.into_iter().collect()
    }
}

#[cfg(feature = "json")]
impl<'de> serde::Deserialize<'de> for Sticky {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = alloc::collections::BTreeMap::<String, String>::deserialize(deserializer)?;
        Ok(Self(entries.into_iter().collect()))
    }
}
