//! A batch of events, its messages and its answers.

use std::borrow::Cow;

use serde::Serialize;

use super::batch::split;
use super::event::{Event, Refusal};
pub(super) use super::message::MAX_EVENT_BYTES;
use super::message::pack;
use super::read::parse;
use crate::access::Access;
use crate::problem::{FieldFault, Problem, rate_limited};
use crate::request::Request;
use crate::response::Response;

/// The largest batch, in bytes.
pub(crate) const MAX_BATCH_BYTES: usize = 1 << 20;

/// Events that wait to be kept, or for a queue to take them.
#[derive(Debug)]
pub struct EventsCall<'r> {
    accepted: Vec<Accepted<'r>>,
    refused: Vec<Refused>,
    is_verified: bool,
    request_id: &'r str,
}

/// An event that nothing is wrong with on its face.
#[derive(Debug)]
struct Accepted<'r> {
    text: &'r str,
    /// Its place in the batch.
    index: usize,
    event: Event<'r>,
}

/// An event that is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Its place in the batch.
    pub index: usize,
    /// A stable name of what is wrong.
    pub code: &'static str,
    /// What would be right.
    pub detail: Cow<'static, str>,
}

impl Refused {
    /// The event at this place, and why it is not taken.
    pub fn new(index: usize, Refusal { code, detail }: Refusal) -> Self {
        Self { index, code, detail }
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    accepted: usize,
    refused: &'a [Refused],
}

impl<'r> EventsCall<'r> {
    pub(crate) fn parse(request: &Request<'r>, access: Access) -> Result<Self, Problem> {
        let events = split(request.content_type, request.text()?)?;
        let mut call = Self {
            accepted: Vec::with_capacity(events.len()),
            refused: Vec::new(),
            is_verified: access.may_bring_sticky,
            request_id: request.request_id,
        };
        for (index, text) in events.into_iter().enumerate() {
            match parse(text) {
                Ok(event) => call.accepted.push(Accepted { text, index, event }),
                Err(refusal) => call.refused.push(Refused::new(index, refusal)),
            }
        }
        if call.accepted.is_empty() && !call.refused.is_empty() {
            return Err(none_accepted(&call.refused));
        }
        Ok(call)
    }

    /// The events and their places in the batch.
    pub fn events(&self) -> impl ExactSizeIterator<Item = (usize, &Event<'r>)> {
        self.accepted.iter().map(|it| (it.index, &it.event))
    }

    /// The id of the request.
    pub fn request_id(&self) -> &'r str {
        self.request_id
    }

    /// Whether the caller has a secret key.
    pub fn is_verified(&self) -> bool {
        self.is_verified
    }

    /// What the queue has to take, each at most 100,000 bytes; see [`Message`](super::Message). Sending them
    /// again does no harm: events have ids.
    pub fn messages(&self) -> Vec<String> {
        pack(self.is_verified, self.request_id, self.accepted.iter().map(|it| it.text))
    }

    /// The answer once the queue has taken every message.
    pub fn answer_accepted(&self) -> Response {
        self.answer(Vec::new())
    }

    /// The answer once all events are kept but these, which are not taken for what only a database knows.
    pub fn answer(&self, more: Vec<Refused>) -> Response {
        let accepted = self.accepted.len().saturating_sub(more.len());
        let mut refused = more;
        refused.extend_from_slice(&self.refused);
        refused.sort_unstable_by_key(|it| it.index);
        if accepted == 0 && !refused.is_empty() {
            return none_accepted(&refused).response(self.request_id);
        }
        // Strings and numbers always serialise.
        let body = serde_json::to_vec(&Answer { accepted, refused: &refused }).unwrap_or_default();
        Response::json(202, body).with_header("cache-control", "no-store")
    }

    /// The answer of those who keep events, as a host without a queue hands it on: none when there was no
    /// answer. What is wrong between the two is no fault of the client's, who is told to come again.
    pub fn answer_relayed(&self, relayed: Option<(u16, Option<u32>, Vec<u8>)>) -> Response {
        match relayed {
            Some((202, _, body)) => Response::json(202, body).with_header("cache-control", "no-store"),
            Some((status @ (400 | 413 | 415 | 422 | 429 | 503), retry_after, body)) => {
                let response = Response::of("application/problem+json", status, body);
                let response = response.with_header("cache-control", "no-store");
                match (retry_after, status) {
                    (Some(seconds), _) => response.with_header("retry-after", seconds.to_string()),
                    (None, 429 | 503) => response.with_header("retry-after", "1"),
                    (None, _) => response,
                }
            }
            _ => self.answer_unavailable(),
        }
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

    /// The answer while more events wait to be kept than there is room for.
    pub fn answer_overloaded(&self) -> Response {
        let detail = "Too many events wait to be kept. Send all of these again.";
        Problem::new(503, "events_overloaded", detail).response(self.request_id)
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
            detail: it.detail.clone().into_owned(),
        })
        .collect();
    problem
}
