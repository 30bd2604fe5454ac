//! The decide role in the OpenAPI document. Its routes are matched by `lotwise_serving`, the same
//! way on every host, so they are described here instead of at handlers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::problem::ProblemBody;

/// The decide role's part of the OpenAPI document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Description::openapi()
}

#[derive(OpenApi)]
#[openapi(paths(
    decide_by_query,
    decide_by_body,
    take_events,
    evaluate_flag,
    evaluate_flags,
    evaluate_flag_in,
    evaluate_flags_in,
    get_client_version,
    get_client_snapshot
))]
struct Description;

/// Whom to decide for.
#[derive(Deserialize, IntoParams, ToSchema)]
#[allow(dead_code, reason = "it only describes")]
#[serde(deny_unknown_fields)]
struct DecideBody {
    /// 1 to 512 bytes of UTF-8.
    #[schema(min_length = 1, max_length = 512)]
    user_key: String,
    /// An environment's name.
    #[schema(pattern = "^[a-z0-9][a-z0-9-]{0,62}$")]
    env: String,
    /// Attributes; up to 64 KiB, at most 64 levels deep.
    #[schema(value_type = Option<Object>)]
    context: Option<serde_json::Value>,
    /// Only these experiments, by key.
    experiments: Option<Vec<String>>,
    /// Adds every experiment's reason and bucket. Needs a secret key or the explain token.
    explain: Option<bool>,
    /// Variant key by experiment key, as given before. Needs a secret key.
    sticky: Option<BTreeMap<String, String>>,
}

/// Events, up to 1,000.
#[derive(Deserialize, ToSchema)]
#[allow(dead_code, reason = "it only describes")]
#[serde(deny_unknown_fields)]
struct EventsBody {
    #[schema(max_items = 1000)]
    events: Vec<EventBody>,
}

/// An exposure, or something that a subject did. Null is as good as absent.
#[derive(Deserialize, ToSchema)]
#[allow(dead_code, reason = "it only describes")]
#[serde(deny_unknown_fields)]
struct EventBody {
    /// A UUID. Sent again, the event counts once.
    id: String,
    /// `exposure` or `track`.
    r#type: String,
    /// An environment's name.
    environment: String,
    /// 1 to 512 bytes of UTF-8.
    user_key: String,
    /// Of which experiment; required of an exposure.
    experiment_key: Option<String>,
    /// Which variant; required of an exposure.
    variant_key: Option<String>,
    /// `SPLIT`, `STICKY`, `RULE` or `OVERRIDE`.
    reason: Option<String>,
    /// The version that decided.
    config_version: Option<u64>,
    /// The digest of the document that decided.
    snapshot_sha256: Option<String>,
    /// What the experiment's rules read.
    #[schema(value_type = Option<Object>)]
    context: Option<serde_json::Value>,
    /// Variant key by experiment key, as given before.
    sticky: Option<BTreeMap<String, String>>,
    /// Whether the subject is pinned to the variant.
    is_override: Option<bool>,
    /// What happened; required of a track event.
    event_name: Option<String>,
    /// How much, at most 10^15 either way.
    value: Option<f64>,
    /// Any object.
    #[schema(value_type = Option<Object>)]
    properties: Option<serde_json::Value>,
    /// When, RFC 3339; at receipt, if it is left out.
    timestamp: Option<String>,
    /// The request that it happened in.
    request_id: Option<String>,
}

/// What was kept.
#[derive(Serialize, ToSchema)]
struct EventsTaken {
    /// How many.
    accepted: usize,
    /// The others.
    refused: Vec<EventRefused>,
}

/// An event that is not taken.
#[derive(Serialize, ToSchema)]
struct EventRefused {
    /// Its place in the batch, from 0.
    index: usize,
    /// A stable name of what is wrong.
    code: String,
    /// What would be right.
    detail: String,
}

/// Whom to decide for.
#[derive(Deserialize, IntoParams)]
#[allow(dead_code, reason = "it only describes")]
#[into_params(parameter_in = Query)]
struct DecideQuery {
    /// 1 to 512 bytes of UTF-8.
    #[param(min_length = 1, max_length = 512)]
    user_key: String,
    /// An environment's name.
    #[param(pattern = "^[a-z0-9][a-z0-9-]{0,62}$")]
    env: String,
    /// Attributes, as JSON text of an object of up to 8 KiB.
    context: Option<String>,
    /// Only these experiments: keys with commas between them.
    experiments: Option<String>,
    /// Adds every experiment's reason and bucket. Needs a secret key or the explain token.
    explain: Option<bool>,
    /// JSON text: variant key by experiment key, as given before. Needs a secret key.
    sticky: Option<String>,
}

/// Who gets what.
#[derive(Serialize, ToSchema)]
struct Decided {
    user_key: String,
    environment: String,
    /// The version of the configuration that decided.
    config_version: u64,
    /// Experiments with a variant, in key order.
    assignments: Vec<Assignment>,
    /// Only with `explain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    decisions: Option<Vec<DecisionTrace>>,
}

/// A variant that the subject gets.
#[derive(Serialize, ToSchema)]
struct Assignment {
    experiment_key: String,
    experiment_id: String,
    variant_key: String,
    variant_id: String,
    /// Any JSON, as its author sent it.
    payload: serde_json::Value,
    /// Present, and true, when the user is pinned to the variant.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_override: Option<bool>,
}

/// Why an experiment came out as it did.
#[derive(Serialize, ToSchema)]
struct DecisionTrace {
    experiment_key: String,
    variant_key: Option<String>,
    /// Such as `SPLIT` or `TARGETING_MISMATCH`.
    reason: String,
    /// 0 to 9999; null when it cannot be computed.
    bucket: Option<u16>,
}

/// An OFREP request.
#[derive(Deserialize, ToSchema)]
#[allow(dead_code, reason = "it only describes")]
struct OfrepBody {
    /// `targetingKey` and further attributes.
    #[schema(value_type = Object)]
    context: serde_json::Value,
}

/// An OFREP evaluation.
#[derive(Serialize, ToSchema)]
struct OfrepEvaluation {
    key: String,
    /// `STATIC`, `TARGETING_MATCH`, `SPLIT`, `DISABLED` or `UNKNOWN`.
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<String>,
    /// Left out when there is no variant: the caller's own default applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<serde_json::Value>,
    #[schema(value_type = Object)]
    metadata: serde_json::Value,
}

/// An OFREP error.
#[derive(Serialize, ToSchema)]
struct OfrepError {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// `PARSE_ERROR`, `TARGETING_KEY_MISSING`, `INVALID_CONTEXT`, `GENERAL` or `FLAG_NOT_FOUND`.
    #[serde(rename = "errorCode")]
    error_code: String,
    #[serde(rename = "errorDetails")]
    error_details: String,
}

/// All flags.
#[derive(Serialize, ToSchema)]
struct OfrepEvaluations {
    /// Evaluations, and errors of single flags.
    flags: Vec<OfrepEvaluation>,
    #[schema(value_type = Object)]
    metadata: serde_json::Value,
}

macro_rules! described {
    ($(#[doc = $doc:literal])+ $name:ident, $method:ident, $path:literal, params($($params:tt)*), body($($body:tt)*), $($responses:tt)*) => {
        $(#[doc = $doc])+
        #[utoipa::path($method, path = $path, params($($params)*), $($body)* responses($($responses)*))]
        #[allow(dead_code, reason = "it only describes")]
        fn $name() {}
    };
}

described! {
    /// Decides by query.
    ///
    /// Also under `/decide`. The answer carries `ETag`; with `If-None-Match` it may be a 304. Where the
    /// process has sticky keys, a signed cookie carries sticky state.
    decide_by_query, get, "/api/decide", params(DecideQuery), body(),
    (status = 200, body = Decided), (status = 304, description = "What `If-None-Match` names still holds"),
    (status = 400, body = ProblemBody<'static>, content_type = "application/problem+json"),
    (status = 401, body = ProblemBody<'static>, content_type = "application/problem+json"),
    (status = 403, body = ProblemBody<'static>, content_type = "application/problem+json"),
    (status = 404, description = "Nothing is published in the environment", body = ProblemBody<'static>, content_type = "application/problem+json"),
    (status = 429, body = ProblemBody<'static>, content_type = "application/problem+json"),
    (status = 503, body = ProblemBody<'static>, content_type = "application/problem+json")
}

described! {
    /// Decides by body.
    ///
    /// Also under `/decide`.
    decide_by_body, post, "/api/decide", params(), body(request_body = DecideBody,),
    (status = 200, body = Decided), (status = 304, description = "What `If-None-Match` names still holds"),
    (status = 400, body = ProblemBody<'static>, content_type = "application/problem+json"),
    (status = 401, body = ProblemBody<'static>, content_type = "application/problem+json"),
    (status = 403, body = ProblemBody<'static>, content_type = "application/problem+json"),
    (status = 404, description = "Nothing is published in the environment", body = ProblemBody<'static>, content_type = "application/problem+json"),
    (status = 413, body = ProblemBody<'static>, content_type = "application/problem+json"),
    (status = 429, body = ProblemBody<'static>, content_type = "application/problem+json"),
    (status = 503, body = ProblemBody<'static>, content_type = "application/problem+json")
}

described! {
    /// Takes events.
    ///
    /// Also under `/events`. Also an event per line, as `application/x-ndjson`, or either of them as
    /// `text/plain`. Up to 1 MiB. Answered when the events are durable.
    take_events, post, "/api/events", params(), body(request_body = EventsBody,),
    (status = 202, description = "What was not refused is kept", body = EventsTaken),
    (status = 400, body = ProblemBody<'static>, content_type = "application/problem+json"),
    (status = 401, body = ProblemBody<'static>, content_type = "application/problem+json"),
    (status = 413, body = ProblemBody<'static>, content_type = "application/problem+json"),
    (status = 415, body = ProblemBody<'static>, content_type = "application/problem+json"),
    (status = 422, description = "Every event is refused", body = ProblemBody<'static>, content_type = "application/problem+json"),
    (status = 429, body = ProblemBody<'static>, content_type = "application/problem+json"),
    (status = 503, description = "Send all of them again", body = ProblemBody<'static>, content_type = "application/problem+json")
}

described! {
    /// Evaluates a flag (OFREP), in the default environment.
    evaluate_flag, post, "/ofrep/v1/evaluate/flags/{key}",
    params(("key" = String, Path, description = "The experiment's key")), body(request_body = OfrepBody,),
    (status = 200, body = OfrepEvaluation), (status = 400, body = OfrepError), (status = 401, body = OfrepError),
    (status = 404, body = OfrepError), (status = 429, body = OfrepError), (status = 500, body = OfrepError)
}

described! {
    /// Evaluates all flags (OFREP), in the default environment.
    evaluate_flags, post, "/ofrep/v1/evaluate/flags", params(), body(request_body = OfrepBody,),
    (status = 200, body = OfrepEvaluations), (status = 304, description = "What `If-None-Match` names still holds"),
    (status = 400, body = OfrepError), (status = 401, body = OfrepError), (status = 429, body = OfrepError),
    (status = 500, body = OfrepError)
}

described! {
    /// Evaluates a flag (OFREP).
    evaluate_flag_in, post, "/{environment}/ofrep/v1/evaluate/flags/{key}",
    params(("environment" = String, Path, description = "The environment's name"), ("key" = String, Path, description = "The experiment's key")),
    body(request_body = OfrepBody,),
    (status = 200, body = OfrepEvaluation), (status = 400, body = OfrepError), (status = 401, body = OfrepError),
    (status = 404, body = OfrepError), (status = 429, body = OfrepError), (status = 500, body = OfrepError)
}

described! {
    /// Evaluates all flags (OFREP).
    evaluate_flags_in, post, "/{environment}/ofrep/v1/evaluate/flags",
    params(("environment" = String, Path, description = "The environment's name")), body(request_body = OfrepBody,),
    (status = 200, body = OfrepEvaluations), (status = 304, description = "What `If-None-Match` names still holds"),
    (status = 400, body = OfrepError), (status = 401, body = OfrepError), (status = 429, body = OfrepError),
    (status = 500, body = OfrepError)
}

described! {
    /// Which client document is current, for the page SDK.
    get_client_version, get, "/{environment}/client/version.json",
    params(("environment" = String, Path, description = "The environment's name")), body(),
    (status = 200, description = "The pointer", body = Object), (status = 304, description = "What `If-None-Match` names still holds"),
    (status = 404, body = ProblemBody<'static>, content_type = "application/problem+json"),
    (status = 503, body = ProblemBody<'static>, content_type = "application/problem+json")
}

described! {
    /// A client document or its binary form, for the page SDK. It never changes.
    get_client_snapshot, get, "/{environment}/client/snapshots/{name}",
    params(("environment" = String, Path, description = "The environment's name"), ("name" = String, Path, description = "As `version.json` names it")),
    body(),
    (status = 200, description = "The document, or its binary form where the name ends in `.bin`", content((Object = "application/json"), (String = "application/octet-stream"))),
    (status = 304, description = "What `If-None-Match` names still holds"),
    (status = 404, body = ProblemBody<'static>, content_type = "application/problem+json"),
    (status = 503, body = ProblemBody<'static>, content_type = "application/problem+json")
}
