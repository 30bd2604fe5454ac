//! A batch of events, its messages and its answers.

use serde::Serialize;

use super::batch::split;
use super::event::{Refusal, check};
use crate::problem::{FieldFault, Problem, rate_limited};
use crate::request::Request;
use crate::response::Response;

/// The largest batch, in bytes.
pub(crate) const MAX_BATCH_BYTES: usize = 1 << 20;
/// Cloudflare's queues take messages of 128 KB, and 256 KB at once: two of these.
const MAX_MESSAGE_BYTES: usize = 100_000;
const HEAD: &str = "{\"events\":[";
const TAIL: &str = "]}";
/// What fits into a message on its own.
pub(super) const MAX_EVENT_BYTES: usize = MAX_MESSAGE_BYTES - HEAD.len() - TAIL.len();

/// Events that wait for a queue to take them.
#[derive(Debug)]
pub struct EventsCall<'r> {
    accepted: Vec<&'r str>,
    refused: Vec<Refused>,
    request_id: &'r str,
}

#[derive(Debug, Serialize)]
struct Refused {
    index: usize,
    code: &'static str,
    detail: &'static str,
}

#[derive(Serialize)]
struct Accepted<'a> {
    accepted: usize,
    refused: &'a [Refused],
}

impl<'r> EventsCall<'r> {
    pub(crate) fn parse(request: &Request<'r>) -> Result<Self, Problem> {
        let events = split(request.content_type, request.text()?)?;
        let mut call = Self { accepted: Vec::new(), refused: Vec::new(), request_id: request.request_id };
        for (index, event) in events.into_iter().enumerate() {
            match check(event) {
                Ok(()) => call.accepted.push(event),
                Err(Refusal { code, detail }) => call.refused.push(Refused { index, code, detail }),
            }
        }
        if call.accepted.is_empty() && !call.refused.is_empty() {
            return Err(none_accepted(&call.refused));
        }
        Ok(call)
    }

    /// What the queue has to take, each a JSON text `{"events":[…]}` of at most 100,000 bytes with
    /// events as they were sent. Sending them again does no harm: events have ids.
    pub fn messages(&self) -> Vec<String> {
        let mut messages: Vec<String> = Vec::new();
        for event in &self.accepted {
            match messages.last_mut() {
                Some(message) if message.len() + 1 + event.len() + TAIL.len() <= MAX_MESSAGE_BYTES => {
                    message.push(',');
                    message.push_str(event);
                }
                _ => messages.push([HEAD, event].concat()),
            }
        }
        for message in &mut messages {
            message.push_str(TAIL);
        }
        messages
    }

    /// The answer once the queue has taken every message.
    pub fn answer_accepted(&self) -> Response {
        let body = Accepted { accepted: self.accepted.len(), refused: &self.refused };
        // Strings and numbers always serialise.
        let body = serde_json::to_vec(&body).unwrap_or_default();
        Response::json(202, body).with_header("cache-control", "no-store")
    }

    /// The answer of a host that has no queue. Trying again is of no use, so it is no 503.
    pub fn answer_no_queue(&self) -> Response {
        Problem::new(404, "events_not_taken", "This server takes no events.").response(self.request_id)
    }

    /// The answer when the queue did not take every message.
    pub fn answer_unavailable(&self) -> Response {
        let detail = "The events cannot be kept right now. Send all of them again.";
        Problem::new(503, "events_unavailable", detail).response(self.request_id)
    }

    /// The answer to a client over its rate.
    pub fn answer_rate_limited(&self, retry_after_seconds: u64) -> Response {
        rate_limited(retry_after_seconds, self.request_id)
    }
}

fn none_accepted(refused: &[Refused]) -> Problem {
    let mut problem = Problem::new(422, "no_event_accepted", "No event of the batch can be taken.");
    problem.errors = refused
        .iter()
        .map(|it| FieldFault {
            pointer: format!("/events/{}", it.index),
            code: it.code,
            detail: it.detail.to_owned(),
        })
        .collect();
    problem
}
