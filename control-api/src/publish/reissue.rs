//! An earlier document under a new version and time.

use std::borrow::Cow;

use lotwise_core::document::SCHEMA_VERSION;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::domain::refusal::Refusal;

/// The members of a published document, in their order; what a reader decides by stays as text.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Reissued<'d> {
    schema_version: u64,
    #[serde(borrow)]
    environment: Cow<'d, str>,
    version: u64,
    published_at: Cow<'d, str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    segments: Option<&'d RawValue>,
    #[serde(borrow)]
    experiments: &'d RawValue,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    requires: Option<&'d RawValue>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    features: Option<&'d RawValue>,
}

/// The same document as version `version`, everything but version and time byte for byte.
///
/// # Errors
///
/// A document of a later release, of which something would get lost.
pub(super) fn reissue(document: &[u8], version: u64, published_at: &str) -> Result<Vec<u8>, Refusal> {
    let unreadable = || {
        let detail = "The version was published by a later release, which has to roll back to it.";
        Refusal::conflict("version_unreadable", detail)
    };
    let mut document: Reissued<'_> = serde_json::from_slice(document).map_err(|_| unreadable())?;
    if document.schema_version != SCHEMA_VERSION {
        return Err(unreadable());
    }
    document.version = version;
    document.published_at = published_at.into();
    serde_json::to_vec(&document).map_err(|_| unreadable())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_version_and_time_change() {
        let document = br#"{"schema_version":1,"environment":"prod","version":3,"published_at":"2026-01-01T00:00:00Z","segments":{"a":[ ]},"experiments":[{"payload":{"z":1.0,"a":9007199254740993}}],"features":["regex"]}"#;
        let expected =
            String::from_utf8_lossy(document).replace(":3,", ":9,").replace("2026-01-01", "2026-02-02");
        let reissued = reissue(document, 9, "2026-02-02T00:00:00Z").unwrap();
        assert_eq!(String::from_utf8(reissued).unwrap(), expected);
    }

    #[test]
    fn nothing_of_a_later_release_gets_lost() {
        let document = br#"{"schema_version":1,"environment":"prod","version":3,"published_at":"","experiments":[],"new":1}"#;
        assert!(reissue(document, 9, "").is_err());
    }
}
