//! Events in a queue.
//!
//! A message is two lines. The first is an object that says what a request says in its headers: whether
//! the caller was verified, and the request's id. The second is the body of a request to whoever keeps
//! events, with the events as they were sent.

use lotwise_core::push_json_string;
use serde::Deserialize;

/// Cloudflare's queues take messages of 128 KB, and 256 KB at once: two of these.
const MAX_MESSAGE_BYTES: usize = 100_000;
/// Room for the first line: a request id has up to 128 characters, and each may need a backslash.
const MAX_HEAD_BYTES: usize = 320;
const START: &str = "{\"events\":[";
const END: &str = "]}";
/// What fits into a message on its own.
pub(super) const MAX_EVENT_BYTES: usize = MAX_MESSAGE_BYTES - MAX_HEAD_BYTES - START.len() - END.len();

/// The header that says, whatever the key, that the events come from somebody whom nobody has verified.
pub const UNVERIFIED_HEADER: &str = "x-lotwise-unverified";

/// A message, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'m> {
    /// Whether the caller had a secret key.
    pub is_verified: bool,
    /// The id of the request that brought the events.
    pub request_id: &'m str,
    /// `{"events":[…]}`
    pub body: &'m str,
}

#[derive(Deserialize)]
struct Head<'m> {
    is_verified: bool,
    #[serde(borrow)]
    request_id: &'m str,
}

impl<'m> Message<'m> {
    /// Takes a message apart. One without a first line, as earlier Workers wrote them, is of somebody
    /// whom nobody has verified; none when it is no message of ours.
    pub fn parse(text: &'m str) -> Option<Self> {
        if text.starts_with(START) {
            return Some(Self { is_verified: false, request_id: "", body: text });
        }
        let (head, body) = text.split_once('\n')?;
        let head: Head<'m> = serde_json::from_str(head).ok()?;
        Some(Self { is_verified: head.is_verified, request_id: head.request_id, body })
    }
}

/// Packs events, each as it was sent, into as few messages as hold them in their order.
pub(super) fn pack<'e>(
    is_verified: bool,
    request_id: &str,
    events: impl Iterator<Item = &'e str>,
) -> Vec<String> {
    let mut head = format!("{{\"is_verified\":{is_verified},\"request_id\":");
    // Quotes and backslashes would have to be escaped: an id that needs that is left out.
    let plain = !request_id.contains(['"', '\\']);
    push_json_string(&mut head, if plain { request_id } else { "" });
    head.push_str("}\n");
    head.push_str(START);
    let mut messages: Vec<String> = Vec::new();
    for event in events {
        match messages.last_mut() {
            Some(message) if message.len() + 1 + event.len() + END.len() <= MAX_MESSAGE_BYTES => {
                message.push(',');
                message.push_str(event);
            }
            _ => messages.push([&head, event].concat()),
        }
    }
    for message in &mut messages {
        message.push_str(END);
    }
    messages
}
