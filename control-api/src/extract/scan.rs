//! What JSON allows and we do not: duplicate keys, lone surrogates, numbers that no double holds,
//! nesting without end. Readers disagree about these, so none of them is stored.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Faults;
use super::limits::MAX_DEPTH;

/// The members of an object in the order sent, duplicates included.
pub(super) struct Members<'a>(pub(super) Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::with_capacity(map.size_hint().unwrap_or(0));
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

/// Finds such places in `raw`, which stands at `at`.
pub(super) fn scan(at: &str, raw: &RawValue, faults: &mut Faults) {
    scan_value(at, raw, 1, faults);
}

fn scan_value(at: &str, raw: &RawValue, depth: usize, faults: &mut Faults) {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'{' | b'[') if depth > MAX_DEPTH => {
            faults.push(at, "too_deep", format!("JSON nested deeper than {MAX_DEPTH} levels."));
        }
        Some(b'{') => scan_object(at, raw, depth, faults),
        Some(b'[') => {
            for (index, element) in elements(raw).into_iter().enumerate() {
                scan_value(&format!("{at}/{index}"), element, depth + 1, faults);
            }
        }
        Some(b'"') if text.contains('\\') && serde_json::from_str::<String>(text).is_err() => {
            faults.push(at, "lone_surrogate", "The text is not Unicode: it has a lone surrogate.");
        }
        Some(b'-' | b'0'..=b'9') if !is_finite(text) => {
            faults.push(at, "number_too_large", "The number is too large for a double.");
        }
        _ => {}
    }
}

fn scan_object(at: &str, raw: &RawValue, depth: usize, faults: &mut Faults) {
    let Ok(Members(members)) = serde_json::from_str(raw.get()) else {
        faults.push(at, "lone_surrogate", "A key is not Unicode: it has a lone surrogate.");
        return;
    };
    let mut seen = HashSet::with_capacity(members.len());
    for (key, value) in &members {
        let place = format!("{at}/{}", escape(key));
        if seen.insert(key) {
            scan_value(&place, value, depth + 1, faults);
        } else {
            faults.push(place, "duplicate_key", "The object has this key more than once.");
        }
    }
}

/// The elements of an array.
pub(super) fn elements(raw: &RawValue) -> Vec<&RawValue> {
    serde_json::from_str(raw.get()).unwrap_or_default()
}

/// A key as a segment of a JSON pointer.
pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn is_finite(number: &str) -> bool {
    number.parse::<f64>().is_ok_and(f64::is_finite)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<(String, &'static str)> {
        let raw: &RawValue = serde_json::from_str(text).unwrap();
        let mut faults = Faults::default();
        scan("", raw, &mut faults);
        let Err(crate::domain::refusal::Refusal::Invalid(faults)) = faults.finish() else {
            return Vec::new();
        };
        faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    #[test]
    fn finds_what_readers_disagree_about() {
        assert_eq!(faults(r#"{"a": [1, {"b~/": 1e308}], "c": "\ud83d\ude00"}"#), []);
        assert_eq!(
            faults(r#"{"a": 1, "a": 2, "b": [{"c/d": 1, "c\/d": 1}], "e": ["\ud800", 1e999]}"#),
            [
                ("/a".to_owned(), "duplicate_key"),
                ("/b/0/c~1d".to_owned(), "duplicate_key"),
                ("/e/0".to_owned(), "lone_surrogate"),
                ("/e/1".to_owned(), "number_too_large"),
            ]
        );
        let deep = "[".repeat(64) + &"]".repeat(64);
        assert_eq!(faults(&deep), []);
        assert_eq!(faults(&format!("[{deep}]"))[0].1, "too_deep");
    }
}
