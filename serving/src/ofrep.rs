//! The `OpenFeature` Remote Evaluation Protocol (OFREP), version 0.3.0.

use lotwise_core::{Context, Decision, Evaluation, MAX_USER_KEY_BYTES, Reason, Scratch, Subject, Value};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::access::{Access, WRONG_ENVIRONMENT};
use crate::etag::{etag, matches};
use crate::fields::{MAX_BODY_CONTEXT_BYTES, Members};
use crate::published::Published;
use crate::query::decode_segment;
use crate::question::Question;
use crate::request::Request;
use crate::response::Response;
use crate::settings::{Settings, is_servable_environment};
use crate::sticky::{Memory, StickyCookies};

/// A checked OFREP request that waits for its snapshot.
#[derive(Debug)]
pub(crate) struct OfrepCall<'r> {
    environment: String,
    /// `None` for all flags.
    flag: Option<String>,
    targeting_key: String,
    context: Context<'static>,
    if_none_match: Option<&'r str>,
    cookies: Option<StickyCookies<'r>>,
}

/// OFREP's own shape of an error.
#[derive(Serialize)]
struct ErrorBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    #[serde(rename = "errorCode")]
    code: &'static str,
    #[serde(rename = "errorDetails")]
    details: &'a str,
}

/// OFREP's shape of an evaluation.
#[derive(Serialize)]
struct Evaluated<'a> {
    key: &'a str,
    reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a RawValue>,
    metadata: Metadata<'a>,
}

#[derive(Clone, Copy, Serialize)]
struct Metadata<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    config_version: u64,
    snapshot_sha256: &'a str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Item<'a> {
    Evaluated(Evaluated<'a>),
    Error(ErrorBody<'a>),
}

#[derive(Serialize)]
struct Bulk<'a> {
    flags: Vec<Item<'a>>,
    metadata: Metadata<'a>,
}

impl<'r> OfrepCall<'r> {
    /// What the caller may do, refused in OFREP's shape.
    pub(crate) fn check_access<'k>(
        settings: &'k Settings,
        request: &Request<'_>,
    ) -> Result<Access<'k>, Response> {
        settings
            .keys
            .access(request)
            .map_err(|problem| error(problem.status, None, "GENERAL", &problem.detail))
    }

    pub(crate) fn parse(
        settings: &'r Settings,
        request: &Request<'r>,
        access: Access<'_>,
        environment: Option<&str>,
        flag: Option<&str>,
    ) -> Result<Self, Response> {
        let flag = match flag.map(decode_segment) {
            Some(None) => {
                return Err(error(400, None, "PARSE_ERROR", "the flag's key is not percent-encoded UTF-8"));
            }
            Some(Some(flag)) => Some(flag.into_owned()),
            None => None,
        };
        let refuse = |code, details: &str| error(400, flag.as_deref(), code, details);
        let of_key = access.bound.map(|key| key.environment.as_str());
        let environment = environment.or(of_key).or(settings.default_environment.as_deref());
        let Some(environment) = environment.filter(|name| is_servable_environment(name)) else {
            let details = "name an environment before the path, as in /prod/ofrep/v1/evaluate/flags";
            return Err(refuse("GENERAL", details));
        };
        if !access.permits(environment) {
            return Err(error(403, flag.as_deref(), "GENERAL", WRONG_ENVIRONMENT));
        }
        let text = request.text().map_err(|problem| refuse("PARSE_ERROR", &problem.detail))?;
        let body: Members<'_> =
            serde_json::from_str(text).map_err(|fault| refuse("PARSE_ERROR", &fault.to_string()))?;
        let Some((_, context)) = body.0.iter().rfind(|(name, _)| name == "context") else {
            return Err(refuse("INVALID_CONTEXT", "the body needs a context with a targetingKey"));
        };
        let context = context.get();
        if context.len() > MAX_BODY_CONTEXT_BYTES {
            return Err(refuse(
                "INVALID_CONTEXT",
                &format!("the context is over {MAX_BODY_CONTEXT_BYTES} bytes"),
            ));
        }
        let parsed =
            Context::from_json(context).map_err(|fault| refuse("INVALID_CONTEXT", &fault.to_string()))?;
        let targeting_key = match parsed.attributes().get("targetingKey") {
            Some(Value::String(key)) if key.len() > MAX_USER_KEY_BYTES => {
                let details = format!("the targetingKey is over {MAX_USER_KEY_BYTES} bytes");
                return Err(refuse("INVALID_CONTEXT", &details));
            }
            Some(Value::String(key)) if !key.is_empty() => key.clone().into_owned(),
            None | Some(Value::Null | Value::String(_)) => {
                return Err(refuse("TARGETING_KEY_MISSING", "the context needs a targetingKey"));
            }
            Some(_) => return Err(refuse("INVALID_CONTEXT", "the targetingKey must be a string")),
        };
        Ok(Self {
            environment: environment.to_owned(),
            targeting_key,
            context: parsed.into_owned(),
            if_none_match: request.if_none_match,
            cookies: StickyCookies::of(settings, request),
            flag,
        })
    }

    fn answer_all(
        &self,
        published: &Published,
        subject: &Subject<'_>,
        scratch: &mut Scratch,
        memory: Option<&mut Memory<'_>>,
    ) -> Response {
        let tag = etag(published, subject, &["ofrep"]);
        let is_stale = memory.as_ref().is_some_and(|memory| memory.is_stale());
        let response = if !is_stale && matches(self.if_none_match, &tag) {
            Response::empty(304)
        } else {
            let snapshot = published.snapshot();
            let mut evaluation = Evaluation::new(snapshot, subject, scratch);
            let flags = snapshot.experiments().map(|flag| item(published, evaluation.decide(flag))).collect();
            if let Some(memory) = memory {
                memory.learn(&mut evaluation, snapshot.experiments());
            }
            json(200, &Bulk { flags, metadata: metadata(published, None) })
        };
        response.with_header("etag", tag).with_header("cache-control", "private, no-cache")
    }
}

impl Question for OfrepCall<'_> {
    fn environment(&self) -> &str {
        &self.environment
    }

    fn answer_absent(&self) -> Response {
        error(400, self.flag.as_deref(), "GENERAL", "the environment has no published configuration")
    }

    fn answer_unavailable(&self) -> Response {
        error(500, self.flag.as_deref(), "GENERAL", "the configuration cannot be loaded right now")
    }

    fn answer_rate_limited(&self, retry_after_seconds: u64) -> Response {
        error(429, self.flag.as_deref(), "GENERAL", "too many requests")
            .with_header("retry-after", retry_after_seconds.to_string())
    }

    fn answer(&self, published: &Published, scratch: &mut Scratch) -> Response {
        let Ok(subject) = Subject::new(&self.targeting_key, &self.context) else {
            return error(
                400,
                self.flag.as_deref(),
                "TARGETING_KEY_MISSING",
                "the context needs a targetingKey",
            );
        };
        let mut memory = self
            .cookies
            .and_then(|cookies| Memory::recall(cookies, published.snapshot(), &self.targeting_key));
        let recalled = memory.as_ref().map(Memory::sticky);
        let subject = match &recalled {
            Some(sticky) => subject.with_sticky(sticky),
            None => subject,
        };
        let mut response = match &self.flag {
            Some(flag) => answer_one(flag, published, &subject, scratch, memory.as_mut()),
            None => self.answer_all(published, &subject, scratch, memory.as_mut()),
        };
        response.headers.extend(memory.and_then(|memory| memory.header()));
        response
    }
}

/// One flag.
fn answer_one(
    flag: &str,
    published: &Published,
    subject: &Subject<'_>,
    scratch: &mut Scratch,
    memory: Option<&mut Memory<'_>>,
) -> Response {
    let snapshot = published.snapshot();
    let Some(experiment) = snapshot.experiment(flag) else {
        return error(404, Some(flag), "FLAG_NOT_FOUND", "there is no such flag in this environment");
    };
    let mut evaluation = Evaluation::new(snapshot, subject, scratch);
    let decision = evaluation.decide(experiment);
    if let Some(memory) = memory {
        memory.learn(&mut evaluation, [experiment]);
    }
    match item(published, decision) {
        Item::Evaluated(evaluated) => json(200, &evaluated),
        Item::Error(fault) => json(400, &fault),
    }
}

fn item(published: &Published, decision: Decision) -> Item<'_> {
    let snapshot = published.snapshot();
    let key = snapshot.experiment_key(decision.experiment);
    let variant = snapshot.variant(decision);
    let reason = match decision.reason {
        Reason::Split => "SPLIT",
        Reason::Concluded => "STATIC",
        Reason::Rule | Reason::Sticky | Reason::Override => "TARGETING_MATCH",
        _ => "UNKNOWN",
    };
    let value = match variant.map(|variant| value(variant.payload)) {
        None => None,
        Some(Some(value)) => Some(value),
        Some(None) => {
            let details = "the payload is an array or null, which OpenFeature has no type for";
            return Item::Error(ErrorBody { key: Some(key), code: "GENERAL", details });
        }
    };
    let metadata = metadata(published, Some(decision.reason));
    Item::Evaluated(Evaluated { key, reason, variant: variant.map(|variant| variant.key), value, metadata })
}

/// The payload as `OpenFeature` can take it: itself, or its only member when that is called `value`.
fn value(payload: &str) -> Option<&RawValue> {
    let whole: &RawValue = serde_json::from_str(payload).ok()?;
    let value = match serde_json::from_str::<Members<'_>>(payload).map(|members| members.0) {
        Ok(members) => match members.as_slice() {
            [(name, value)] if name == "value" => *value,
            _ => whole,
        },
        Err(_) => whole,
    };
    let has_type = !matches!(value.get().trim_start().as_bytes().first(), None | Some(b'[' | b'n'));
    has_type.then_some(value)
}

fn metadata(published: &Published, reason: Option<Reason>) -> Metadata<'_> {
    Metadata {
        reason: reason.map(Reason::name),
        config_version: published.snapshot().version(),
        snapshot_sha256: published.digest(),
    }
}

fn error(status: u16, key: Option<&str>, code: &'static str, details: &str) -> Response {
    let response = json(status, &ErrorBody { key, code, details });
    if status == 401 { response.with_header("www-authenticate", "Bearer") } else { response }
}

fn json(status: u16, body: &impl Serialize) -> Response {
    // Everything in these bodies serialises.
    Response::json(status, serde_json::to_vec(body).unwrap_or_default())
}
