//! `version.json`: the only object that changes.

use chrono::SecondsFormat;
use lotwise_core::document::SCHEMA_VERSION;
use serde::{Deserialize, Serialize};

use super::binary::BinaryForm;
use crate::domain::version::{Digest, Version};

/// What `version.json` says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Pointer {
    /// Of the snapshot.
    pub schema_version: u64,
    /// The environment's name.
    pub environment: String,
    /// The snapshot's version.
    pub version: i64,
    /// The snapshot's path beside `version.json`.
    pub snapshot: String,
    /// Of the snapshot, in hex.
    pub sha256: String,
    /// The snapshot's length.
    pub bytes: i64,
    /// RFC 3339, UTC.
    pub published_at: String,
    /// The same snapshot to load faster. Not read: two releases may write it differently, and a
    /// pointer to the same document is the same pointer.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub binary: Option<BinaryForm>,
}

/// The two places of an environment at the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Servers and the edge: everything.
    Full,
    /// Pages: what is marked for them.
    Client,
}

impl Audience {
    /// The folder of an environment's objects, with a slash at the end.
    pub fn folder(self, environment: &str) -> String {
        match self {
            Self::Full => format!("{environment}/"),
            Self::Client => format!("{environment}/client/"),
        }
    }

    /// The key of the pointer.
    pub fn pointer_key(self, environment: &str) -> String {
        self.folder(environment) + "version.json"
    }
}

impl Pointer {
    /// The pointer to one of a version's documents, without a binary form.
    pub fn to_version(version: &Version, audience: Audience) -> Self {
        let Digest { sha256, bytes } = match audience {
            Audience::Full => version.full.clone(),
            Audience::Client => version.client.clone(),
        };
        Self {
            schema_version: SCHEMA_VERSION,
            environment: version.environment.clone(),
            version: version.version,
            snapshot: format!("snapshots/{}-{}.json", version.version, &sha256[..16.min(sha256.len())]),
            sha256,
            bytes,
            published_at: version.created_at.to_rfc3339_opts(SecondsFormat::Secs, true),
            binary: None,
        }
    }
}
