//! What an event must have and may have, as far as that can be told without a database: the same at the
//! edge and where events are kept, so that nothing is accepted here and refused there for its form.

use std::borrow::Cow;

use lotwise_core::document::is_key;
use lotwise_core::{MAX_USER_KEY_BYTES, Reason, Sticky, unix_time};

use super::call::MAX_EVENT_BYTES;
use super::event::{Event, EventKind, Exposure, Refusal, Track, UnixTime};
use super::forms::{is_event_name, is_object, parse_digest, parse_uuid, text};
use crate::fields::{MAX_BODY_CONTEXT_BYTES, Members};
use crate::request::is_request_id;
use crate::settings::is_servable_environment;

/// Beyond this, either way, no value is a measurement.
const MAX_VALUE: f64 = 1e15;
/// The largest integer that every JSON library keeps.
const MAX_CONFIG_VERSION: u64 = 1 << 53;

const DUPLICATE: Refusal = Refusal::new("duplicate_field", "a field of the event stands twice");

/// Reads an event, or says the first thing that is wrong with it.
pub(super) fn parse(event: &str) -> Result<Event<'_>, Refusal> {
    if event.len() > MAX_EVENT_BYTES {
        return Err(Refusal::new("event_too_large", "an event may have just under 100,000 bytes"));
    }
    let members: Members<'_> = serde_json::from_str(event)
        .map_err(|_| Refusal::new("malformed_event", "an event must be a JSON object"))?;
    let fields = Fields::sort(&members)?;
    let id = text(fields.id).and_then(|it| parse_uuid(&it)).ok_or(Refusal::new(
        "invalid_id",
        "id must be a UUID such as 01a1fd49-1a15-7479-8c67-5a6393132135",
    ))?;
    let kind = text(fields.r#type);
    let is_exposure = match kind.as_deref() {
        Some("exposure") => true,
        Some("track") => false,
        _ => return Err(Refusal::new("invalid_type", "type must be exposure or track")),
    };
    let environment = text(fields.environment)
        .filter(|it| is_servable_environment(it))
        .ok_or(Refusal::new("invalid_environment", "environment must be the name of one, such as prod"))?;
    let user_key = text(fields.user_key)
        .filter(|it| (1..=MAX_USER_KEY_BYTES).contains(&it.len()))
        .ok_or(Refusal::new("invalid_user_key", "user_key must be a string of 1 to 512 bytes"))?;
    let kind = match is_exposure {
        true => EventKind::Exposure(fields.exposure()?),
        false => EventKind::Track(fields.track()?),
    };
    Ok(Event {
        id,
        kind,
        environment,
        user_key,
        properties: fields.properties()?,
        timestamp: fields.timestamp()?,
        request_id: fields.request_id()?,
    })
}

/// The fields that events have, as JSON texts.
#[derive(Default)]
struct Fields<'r> {
    id: Option<&'r str>,
    r#type: Option<&'r str>,
    environment: Option<&'r str>,
    user_key: Option<&'r str>,
    experiment_key: Option<&'r str>,
    variant_key: Option<&'r str>,
    reason: Option<&'r str>,
    config_version: Option<&'r str>,
    snapshot_sha256: Option<&'r str>,
    context: Option<&'r str>,
    sticky: Option<&'r str>,
    is_override: Option<&'r str>,
    event_name: Option<&'r str>,
    value: Option<&'r str>,
    properties: Option<&'r str>,
    timestamp: Option<&'r str>,
    request_id: Option<&'r str>,
}

impl<'r> Fields<'r> {
    /// Null counts as absent, and what no event has as a typo.
    fn sort(members: &Members<'r>) -> Result<Self, Refusal> {
        let mut fields = Self::default();
        let mut seen = 0_u32;
        for (name, value) in &members.0 {
            let (number, field) = match &**name {
                "id" => (0, &mut fields.id),
                "type" => (1, &mut fields.r#type),
                "environment" => (2, &mut fields.environment),
                "user_key" => (3, &mut fields.user_key),
                "experiment_key" => (4, &mut fields.experiment_key),
                "variant_key" => (5, &mut fields.variant_key),
                "reason" => (6, &mut fields.reason),
                "config_version" => (7, &mut fields.config_version),
                "snapshot_sha256" => (8, &mut fields.snapshot_sha256),
                "context" => (9, &mut fields.context),
                "sticky" => (10, &mut fields.sticky),
                "is_override" => (11, &mut fields.is_override),
                "event_name" => (12, &mut fields.event_name),
                "value" => (13, &mut fields.value),
                "properties" => (14, &mut fields.properties),
                "timestamp" => (15, &mut fields.timestamp),
                "request_id" => (16, &mut fields.request_id),
                _ => {
                    let shown: String = name.chars().take(64).collect();
                    let detail = Cow::Owned(format!("events have no field {shown:?}"));
                    return Err(Refusal { code: "unknown_field", detail });
                }
            };
            if seen & (1 << number) != 0 {
                return Err(DUPLICATE);
            }
            seen |= 1 << number;
            *field = Some(value.get()).filter(|text| *text != "null");
        }
        Ok(fields)
    }

    fn exposure(&self) -> Result<Exposure<'r>, Refusal> {
        let experiment_key = text(self.experiment_key)
            .filter(|it| is_key(it))
            .ok_or(Refusal::new("invalid_experiment_key", "an exposure names an experiment by its key"))?;
        let variant_key = text(self.variant_key)
            .filter(|it| is_key(it))
            .ok_or(Refusal::new("invalid_variant_key", "an exposure names a variant by its key"))?;
        let reason = self.reason()?;
        let is_override = self.is_override()?.unwrap_or(reason == Some(Reason::Override));
        self.measurement()?;
        Ok(Exposure {
            experiment_key,
            variant_key,
            reason: reason.unwrap_or(if is_override { Reason::Override } else { Reason::Split }),
            is_override,
            config_version: self.config_version()?,
            snapshot_sha256: self.snapshot_sha256()?,
            context: self.context()?,
            sticky: self.sticky()?,
        })
    }

    fn track(&self) -> Result<Track<'r>, Refusal> {
        let event_name = text(self.event_name).filter(|it| is_event_name(it)).ok_or(Refusal::new(
            "invalid_event_name",
            "event_name must be a string of 1 to 128 bytes without control characters",
        ))?;
        let experiment_key = match self.experiment_key {
            None => None,
            Some(_) => Some(text(self.experiment_key).filter(|it| is_key(it)).ok_or(Refusal::new(
                "invalid_experiment_key",
                "experiment_key must be the key of an experiment, or be left out",
            ))?),
        };
        Ok(Track { event_name, value: self.measurement()?, experiment_key })
    }

    fn reason(&self) -> Result<Option<Reason>, Refusal> {
        const EXPOSING: [Reason; 4] = [Reason::Split, Reason::Sticky, Reason::Rule, Reason::Override];
        if self.reason.is_none() {
            return Ok(None);
        }
        let name = text(self.reason).unwrap_or_default();
        match EXPOSING.into_iter().find(|reason| reason.name() == name) {
            Some(reason) => Ok(Some(reason)),
            None if name == Reason::Concluded.name() => {
                Err(Refusal::new("concluded", "a concluded experiment has no exposures"))
            }
            None => Err(Refusal::new("invalid_reason", "reason must be SPLIT, STICKY, RULE or OVERRIDE")),
        }
    }

    fn is_override(&self) -> Result<Option<bool>, Refusal> {
        match self.is_override {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(Refusal::new("invalid_is_override", "is_override must be true or false")),
        }
    }

    fn config_version(&self) -> Result<Option<u64>, Refusal> {
        let Some(text) = self.config_version else { return Ok(None) };
        let number = text.parse().ok().filter(|number| (1..=MAX_CONFIG_VERSION).contains(number));
        let refusal = Refusal::new("invalid_config_version", "config_version must be an integer from 1");
        number.map(Some).ok_or(refusal)
    }

    fn snapshot_sha256(&self) -> Result<Option<[u8; 32]>, Refusal> {
        if self.snapshot_sha256.is_none() {
            return Ok(None);
        }
        let digest = text(self.snapshot_sha256).and_then(|it| parse_digest(&it));
        let refusal = Refusal::new("invalid_snapshot_sha256", "snapshot_sha256 must be 64 hex digits");
        digest.map(Some).ok_or(refusal)
    }

    fn context(&self) -> Result<Option<&'r str>, Refusal> {
        let is_valid = |text: &str| text.len() <= MAX_BODY_CONTEXT_BYTES && is_object(text);
        let refusal = Refusal::new(
            "invalid_context",
            "context must be a JSON object of up to 64 KiB and 64 levels, without repeated keys, with numbers \
             up to 1.7e308",
        );
        self.context.map(|text| is_valid(text).then_some(text).ok_or(refusal)).transpose()
    }

    fn sticky(&self) -> Result<Option<&'r str>, Refusal> {
        let is_valid =
            |text: &str| text.len() <= MAX_BODY_CONTEXT_BYTES && serde_json::from_str::<Sticky>(text).is_ok();
        let refusal =
            Refusal::new("invalid_sticky", "sticky must be an object of variant keys by experiment key");
        self.sticky.map(|text| is_valid(text).then_some(text).ok_or(refusal)).transpose()
    }

    fn properties(&self) -> Result<Option<&'r str>, Refusal> {
        let refusal = Refusal::new(
            "invalid_properties",
            "properties must be a JSON object of up to 64 levels, without repeated keys, with numbers up to \
             1.7e308",
        );
        self.properties.map(|text| is_object(text).then_some(text).ok_or(refusal)).transpose()
    }

    /// The value, which may stand in an exposure as well and then means nothing.
    fn measurement(&self) -> Result<Option<f64>, Refusal> {
        let Some(text) = self.value else { return Ok(None) };
        let number = serde_json::from_str::<f64>(text).ok().filter(|number| number.abs() <= MAX_VALUE);
        let refusal =
            Refusal::new("invalid_value", "value must be a number, at most 10^15 either way, or be left out");
        number.map(Some).ok_or(refusal)
    }

    fn timestamp(&self) -> Result<Option<UnixTime>, Refusal> {
        if self.timestamp.is_none() {
            return Ok(None);
        }
        // A day alone is no point in time.
        let text = text(self.timestamp).filter(|text| text.contains('T'));
        let time = text.and_then(|text| unix_time(&text));
        let refusal = Refusal::new(
            "invalid_timestamp",
            "timestamp must be an RFC 3339 time such as 2026-11-21T10:00:00Z",
        );
        let (seconds, nanoseconds) = time.ok_or(refusal)?;
        Ok(Some(UnixTime { seconds, nanoseconds }))
    }

    fn request_id(&self) -> Result<Option<Cow<'r, str>>, Refusal> {
        if self.request_id.is_none() {
            return Ok(None);
        }
        let id = text(self.request_id).filter(|id| is_request_id(id));
        let refusal =
            Refusal::new("invalid_request_id", "request_id must be 1 to 128 visible ASCII characters");
        id.map(Some).ok_or(refusal)
    }
}
