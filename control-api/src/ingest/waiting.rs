//! Events that wait to be written, free of the request that brought them.

use chrono::{DateTime, Utc};
use lotwise_core::Reason;
use lotwise_serving::{Event, EventKind, Refusal, UnixTime};
use uuid::Uuid;

use super::IngestSettings;
use crate::domain::event::{Occurred, Source};

/// An event on its way to its row.
#[derive(Clone, Debug)]
pub struct WaitingEvent {
    /// Its place in the request.
    pub(super) index: usize,
    pub(super) id: Uuid,
    pub(super) environment: String,
    /// Empty: of none, which only `track` may be.
    pub(super) experiment_key: String,
    pub(super) user_key: String,
    pub(super) kind: WaitingKind,
    pub(super) properties: Option<Box<str>>,
    pub(super) occurred: Occurred,
    pub(super) request_id: Option<String>,
    pub(super) source: Source,
}

#[derive(Clone, Debug)]
pub(super) enum WaitingKind {
    Exposure {
        variant_key: String,
        reason: Reason,
        is_override: bool,
        config_version: Option<i64>,
        snapshot_sha256: Option<[u8; 32]>,
        context: Option<Box<str>>,
        sticky: Option<Box<str>>,
    },
    Track {
        event_name: String,
        value: Option<f64>,
    },
}

impl WaitingEvent {
    /// Takes an event over, unless its time is out of reach.
    pub(super) fn new(
        index: usize,
        event: &Event<'_>,
        request_id: &str,
        source: Source,
        now: DateTime<Utc>,
        settings: &IngestSettings,
    ) -> Result<Self, Refusal> {
        let occurred = occurred(event.timestamp, now, settings)?;
        let boxed = |text: Option<&str>| text.map(Box::from);
        let (experiment_key, kind) = match &event.kind {
            EventKind::Exposure(it) => {
                let kind = WaitingKind::Exposure {
                    variant_key: it.variant_key.as_ref().to_owned(),
                    reason: it.reason,
                    is_override: it.is_override,
                    config_version: it.config_version.and_then(|version| version.try_into().ok()),
                    snapshot_sha256: it.snapshot_sha256,
                    context: boxed(it.context),
                    sticky: boxed(it.sticky),
                };
                (it.experiment_key.as_ref(), kind)
            }
            EventKind::Track(it) => {
                let kind =
                    WaitingKind::Track { event_name: it.event_name.as_ref().to_owned(), value: it.value };
                (it.experiment_key.as_deref().unwrap_or_default(), kind)
            }
        };
        Ok(Self {
            index,
            id: Uuid::from_u128(event.id),
            environment: event.environment.as_ref().to_owned(),
            experiment_key: experiment_key.to_owned(),
            user_key: event.user_key.as_ref().to_owned(),
            kind,
            properties: boxed(event.properties),
            occurred,
            request_id: Some(event.request_id.as_deref().unwrap_or(request_id).to_owned())
                .filter(|id| !id.is_empty()),
            source,
        })
    }
}

/// When an event happened, as far as that can be.
pub(super) fn occurred(
    timestamp: Option<UnixTime>,
    now: DateTime<Utc>,
    settings: &IngestSettings,
) -> Result<Occurred, Refusal> {
    let Some(UnixTime { seconds, nanoseconds }) = timestamp else { return Ok(Occurred::default()) };
    let too_old = Refusal::new("too_old", "the event is older than this server takes them");
    // Years before any clock: further back than any limit.
    let at = DateTime::from_timestamp(seconds, nanoseconds).ok_or(too_old.clone())?;
    if now.signed_duration_since(at).to_std().is_ok_and(|age| age > settings.max_age) {
        return Err(too_old);
    }
    match at.signed_duration_since(now).to_std() {
        Err(_) => Ok(Occurred { at: Some(at), is_clamped: false }),
        Ok(ahead) if ahead.is_zero() => Ok(Occurred { at: Some(at), is_clamped: false }),
        Ok(ahead) if ahead <= settings.max_ahead => Ok(Occurred { at: None, is_clamped: true }),
        Ok(_) => Err(Refusal::new("in_the_future", "the event's timestamp lies too far in the future")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_taken_clamped_or_refused() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let settings = IngestSettings::default();
        let at = |offset: i64| {
            let timestamp = UnixTime { seconds: now.timestamp() + offset, nanoseconds: 0 };
            occurred(Some(timestamp), now, &settings).map(|it| (it.at.is_some(), it.is_clamped))
        };
        let day = 24 * 3600;
        assert_eq!(at(0), Ok((true, false)));
        assert_eq!(at(-30 * day), Ok((true, false)));
        assert_eq!(at(-30 * day - 1).unwrap_err().code, "too_old");
        assert_eq!(at(1), Ok((false, true)));
        assert_eq!(at(day), Ok((false, true)));
        assert_eq!(at(day + 1).unwrap_err().code, "in_the_future");
        assert_eq!(at(i64::MIN / 2 - now.timestamp()).unwrap_err().code, "too_old");
        assert_eq!(occurred(None, now, &settings), Ok(Occurred::default()));
    }
}
