//! Events, once nothing is wrong with them on their face.

use std::borrow::Cow;

use lotwise_core::Reason;

/// An event that nothing is wrong with on its face.
#[derive(Clone, Debug, PartialEq)]
pub struct Event<'r> {
    /// The UUID that it is kept by once, however often it comes.
    pub id: u128,
    /// What it tells.
    pub kind: EventKind<'r>,
    /// The environment's name.
    pub environment: Cow<'r, str>,
    /// Whom it is about.
    pub user_key: Cow<'r, str>,
    /// A JSON object, as it was sent.
    pub properties: Option<&'r str>,
    /// When it happened, if it says so.
    pub timestamp: Option<UnixTime>,
    /// The request that it happened in.
    pub request_id: Option<Cow<'r, str>>,
}

/// What an event tells.
#[derive(Clone, Debug, PartialEq)]
pub enum EventKind<'r> {
    /// A subject met a variant.
    Exposure(Exposure<'r>),
    /// A subject did something.
    Track(Track<'r>),
}

/// A subject met a variant, with what is needed to decide it again.
#[derive(Clone, Debug, PartialEq)]
pub struct Exposure<'r> {
    /// Of which experiment.
    pub experiment_key: Cow<'r, str>,
    /// Which one.
    pub variant_key: Cow<'r, str>,
    /// Why: SPLIT, STICKY, RULE or OVERRIDE. SPLIT when it does not say.
    pub reason: Reason,
    /// Whether QA or staff pinned the subject to the variant.
    pub is_override: bool,
    /// The version that decided.
    pub config_version: Option<u64>,
    /// The digest of the document that decided.
    pub snapshot_sha256: Option<[u8; 32]>,
    /// The attributes that the experiment's rules read: a JSON object, as it was sent.
    pub context: Option<&'r str>,
    /// What the subject was given before: a JSON object, as it was sent.
    pub sticky: Option<&'r str>,
}

/// A subject did something.
#[derive(Clone, Debug, PartialEq)]
pub struct Track<'r> {
    /// What.
    pub event_name: Cow<'r, str>,
    /// How much, of whatever it counts; at most 10^15 either way.
    pub value: Option<f64>,
    /// Only for this experiment; none: for all of them.
    pub experiment_key: Option<Cow<'r, str>>,
}

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnixTime {
    /// Since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// After that second.
    pub nanoseconds: u32,
}

/// Why an event is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// A stable name.
    pub code: &'static str,
    /// What would be right.
    pub detail: Cow<'static, str>,
}

impl Refusal {
    /// A refusal; the detail says what would be right.
    pub const fn new(code: &'static str, detail: &'static str) -> Self {
        Self { code, detail: Cow::Borrowed(detail) }
    }
}
