//! One event of an experiment.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use chrono::{DateTime, Utc};
use lotwise_core::MAX_USER_KEY_BYTES;
use lotwise_serving::is_event_name;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{Authorized, Editor};
use crate::domain::experiment::ExperimentRef;
use crate::domain::status::Status;
use crate::extract::{Faults, Fields, Found, JsonBody};
use crate::http::RequestId;
use crate::ingest::{NotTaken, Tracked};
use crate::problem::Problem;
use crate::routes::problems::WriteProblems;
use crate::state::AppState;

/// Beyond this, either way, no value is a measurement.
const MAX_VALUE: f64 = 1e15;
const MAX_PROPERTIES_BYTES: usize = 64 << 10;
const MAX_TIME_CHARS: usize = 64;

/// Something that a user did.
#[derive(Deserialize, ToSchema)]
#[allow(dead_code, reason = "it only describes")]
#[serde(deny_unknown_fields)]
pub struct TrackBody {
    /// 1 to 512 bytes of UTF-8. `user_id` is the same.
    #[schema(min_length = 1, max_length = 512)]
    user_key: String,
    /// What, 1 to 128 bytes.
    #[schema(min_length = 1, max_length = 128)]
    event_name: String,
    /// How much, at most 10^15 either way.
    value: Option<f64>,
    /// Any object.
    #[schema(value_type = Option<Object>)]
    properties: Option<serde_json::Value>,
    /// When; now, if it is left out.
    timestamp: Option<DateTime<Utc>>,
    /// Sent again with the same id, it counts once; one is made if it is left out.
    id: Option<Uuid>,
}

/// What was kept.
#[derive(Serialize, ToSchema)]
pub struct TrackedView {
    /// The event's id.
    id: Uuid,
}

/// Keep something that a user did, for one experiment. Answered when it is durable.
#[utoipa::path(
    post, path = "/experiments/{id}/track", tag = "events", request_body = TrackBody,
    params(("id" = String, Path, description = "The experiment's id, or `environment:key`")),
    responses((status = 202, description = "It is kept", body = TrackedView), WriteProblems)
)]
pub async fn track_event(
    State(state): State<AppState>,
    _authorized: Authorized<Editor>, // access: Caller
    which: ExperimentRef,
    request_id: Option<Extension<RequestId>>,
    body: JsonBody,
) -> Result<(StatusCode, Json<TrackedView>), Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let tracked = read(&mut fields, &mut faults);
    fields.close(&mut faults);
    let experiment = state.store.experiment(&which).await?;
    faults.finish()?;
    match experiment.status {
        Status::Archived => {
            return Err(Problem::conflict("archived", "An archived experiment takes no more events."));
        }
        Status::Draft => {
            return Err(Problem::conflict("not_running", "A draft was given to nobody yet."));
        }
        Status::Running | Status::Paused | Status::Concluded => {}
    }
    let id = tracked.id;
    let request_id = request_id.as_ref().map_or("", |id| id.as_str());
    let outcome = state.ingest.track(tracked, &experiment, request_id).await;
    let refused = outcome.map_err(|error| match error {
        NotTaken::Overloaded => {
            Problem::unavailable("events_overloaded", "Too many events wait to be kept. Send this again.")
        }
        NotTaken::Unavailable => {
            Problem::unavailable("events_unavailable", "Events cannot be kept right now. Send this again.")
        }
    })?;
    match refused {
        None => Ok((StatusCode::ACCEPTED, Json(TrackedView { id }))),
        Some(refusal) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Err(Problem::new(status, refusal.code, format!("Refused: {}.", refusal.detail)))
        }
    }
}

fn read(fields: &mut Fields<'_>, faults: &mut Faults) -> Tracked {
    let user_key = match fields.take_either("userKey", "userId", faults).filter(|it| !it.is_null()) {
        Some(found) => read_user_key(&found, faults),
        None => {
            fields.require("user_key", "Say whom it is about: user_key, 1 to 512 bytes.", faults);
            None
        }
    };
    let event_name = match fields.take("eventName", faults) {
        Some(found) => read_event_name(&found, faults),
        None => {
            fields.require("event_name", "Say what happened: event_name, 1 to 128 bytes.", faults);
            None
        }
    };
    let value = fields.take("value", faults).and_then(|it| it.number(-MAX_VALUE, MAX_VALUE, faults));
    let properties = fields.take("properties", faults).and_then(|found| {
        let is_object = found.fields(faults).is_some();
        found.json(MAX_PROPERTIES_BYTES, faults).filter(|_| is_object)
    });
    let timestamp = fields.take("timestamp", faults).and_then(|found| {
        let text = found.text(MAX_TIME_CHARS, faults)?;
        let time = DateTime::parse_from_rfc3339(&text).ok();
        if time.is_none() {
            faults.push(&found.at, "invalid_timestamp", "Write it as 2026-11-21T10:00:00Z.");
        }
        time.map(|time| time.to_utc())
    });
    let id = fields.take("id", faults).and_then(|found| {
        let id = found.text(MAX_TIME_CHARS, faults)?.parse().ok();
        if id.is_none() {
            faults.push(&found.at, "invalid_id", "This must be a UUID.");
        }
        id
    });
    Tracked {
        id: id.unwrap_or_else(Uuid::now_v7),
        user_key: user_key.unwrap_or_default(),
        event_name: event_name.unwrap_or_default(),
        value,
        properties: properties.map(|raw| raw.get().into()),
        timestamp,
    }
}

/// A user key, which may hold NUL.
fn read_user_key(found: &Found<'_>, faults: &mut Faults) -> Option<String> {
    let text = serde_json::from_str::<String>(found.raw.get()).ok();
    let key = text.filter(|key| (1..=MAX_USER_KEY_BYTES).contains(&key.len()));
    if key.is_none() {
        faults.push(&found.at, "invalid_user_key", "This must be a string of 1 to 512 bytes.");
    }
    key
}

fn read_event_name(found: &Found<'_>, faults: &mut Faults) -> Option<String> {
    let text = serde_json::from_str::<String>(found.raw.get()).ok();
    let name = text.filter(|name| is_event_name(name));
    if name.is_none() {
        let detail = "This must be a string of 1 to 128 bytes without control characters.";
        faults.push(&found.at, "invalid_event_name", detail);
    }
    name
}
