//! Events as they are kept.

use chrono::{DateTime, Utc};
use lotwise_core::Reason;
use uuid::Uuid;

/// Who brought an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Somebody without a key, or whom a Worker does not vouch for.
    Anonymous,
    /// A page, with a publishable key.
    Publishable,
    /// A server, with a secret key or a token.
    Secret,
    /// The persistent assignment of this server.
    Assign,
    /// The `track` route of this server.
    Track,
}

impl Source {
    /// Whether nobody else could have brought it.
    pub fn is_verified(self) -> bool {
        !matches!(self, Self::Anonymous | Self::Publishable)
    }

    /// The number in the database.
    pub fn code(self) -> i16 {
        match self {
            Self::Anonymous => 0,
            Self::Publishable => 1,
            Self::Secret => 2,
            Self::Assign => 3,
            Self::Track => 4,
        }
    }
}

/// When an event happened, as far as that is believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Occurred {
    /// None: when it was received.
    pub at: Option<DateTime<Utc>>,
    /// Whether it said something later than its receipt.
    pub is_clamped: bool,
}

/// An exposure that is to be kept.
#[derive(Clone, Debug)]
pub struct NewExposure {
    /// It is kept once by this.
    pub id: Uuid,
    /// The environment of the experiment.
    pub environment_id: Uuid,
    /// The experiment.
    pub experiment_id: Uuid,
    /// A variant of it.
    pub variant_id: Uuid,
    /// 1 to 512 bytes; may hold NUL.
    pub user_key: String,
    /// `Split`, `Sticky`, `Rule` or `Override`.
    pub reason: Reason,
    /// Whether QA or staff pinned the subject to the variant.
    pub is_override: bool,
    /// The version that decided; none for `assign`.
    pub config_version: Option<i64>,
    /// The digest of the document that decided.
    pub snapshot_sha256: Option<[u8; 32]>,
    /// What the rules read, a JSON object.
    pub context: Option<Box<str>>,
    /// What the subject was given before, a JSON object.
    pub sticky: Option<Box<str>>,
    /// Whatever else was sent, a JSON object.
    pub properties: Option<Box<str>>,
    /// When.
    pub occurred: Occurred,
    /// At most 128 visible ASCII characters.
    pub request_id: Option<String>,
    /// Who brought it.
    pub source: Source,
}

impl NewExposure {
    /// Whether it is part of the experiment: overrides and deliveries by rules are not.
    pub fn counts(&self) -> bool {
        !self.is_override && matches!(self.reason, Reason::Split | Reason::Sticky)
    }
}

/// Something that a subject did, which is to be kept.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// It is kept once by this.
    pub id: Uuid,
    /// Where.
    pub environment_id: Uuid,
    /// Only for this experiment; none: for every one.
    pub experiment_id: Option<Uuid>,
    /// 1 to 512 bytes; may hold NUL.
    pub user_key: String,
    /// What, 1 to 128 bytes without control characters.
    pub event_name: String,
    /// Finite, at most 10^15 either way.
    pub value: Option<f64>,
    /// Whatever else was sent, a JSON object.
    pub properties: Option<Box<str>>,
    /// When.
    pub occurred: Occurred,
    /// At most 128 visible ASCII characters.
    pub request_id: Option<String>,
    /// Who brought it.
    pub source: Source,
}
