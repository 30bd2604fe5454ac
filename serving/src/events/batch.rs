//! Bodies taken apart into events, each as it was sent.

use serde_json::value::RawValue;

use crate::fields::Members;
use crate::problem::Problem;

const MAX_EVENTS: usize = 1_000;

/// The texts of a body's events, in order; whether they are events is not looked at yet.
///
/// # Errors
///
/// A content type, a body or a number of events that cannot be taken.
pub(super) fn split<'r>(content_type: Option<&str>, body: &'r str) -> Result<Vec<&'r str>, Problem> {
    let media_type = content_type.and_then(|it| it.split(';').next()).unwrap_or_default().trim();
    let events = match media_type.to_ascii_lowercase().as_str() {
        "application/json" => members(body)?,
        "application/x-ndjson" => lines(body),
        // `navigator.sendBeacon` sends texts as this, whichever of the two they are.
        "text/plain" => members(body).unwrap_or_else(|_| lines(body)),
        _ => {
            let detail = "Send application/json, application/x-ndjson or text/plain.";
            return Err(Problem::new(415, "unsupported_media_type", detail));
        }
    };
    if events.len() > MAX_EVENTS {
        let detail = format!("A batch may have up to {MAX_EVENTS} events; this one has {}.", events.len());
        return Err(Problem::new(413, "too_many_events", detail));
    }
    Ok(events)
}

/// `{"events": […]}`
fn members(body: &str) -> Result<Vec<&str>, Problem> {
    let members: Members<'_> = serde_json::from_str(body).map_err(|error| {
        Problem::new(400, "malformed_json", format!("The body must be a JSON object: {error}."))
    })?;
    let events = match members.0.as_slice() {
        [(name, events)] if name == "events" => events,
        _ => {
            let detail = "The body has one field, events, and no other.";
            return Err(Problem::new(400, "invalid_request", detail));
        }
    };
    let events: Vec<&RawValue> = serde_json::from_str(events.get())
        .map_err(|_| Problem::new(400, "wrong_type", "events must be an array."))?;
    Ok(events.into_iter().map(RawValue::get).collect())
}

/// An event per line; empty ones do not count.
fn lines(body: &str) -> Vec<&str> {
    body.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}
