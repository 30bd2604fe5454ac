//! Requests of the decide role: axum in front, `lotwise_serving` behind.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::response::Response as HttpResponse;
use lotwise_core::Scratch;
use lotwise_serving::{Access, Call, Found, Request as Asked, Response, add_cors, route};

use super::address::client_address;
use super::incoming::{Incoming, into_http};
use super::role::DecideRole;
use crate::http::{RequestId, observe_decision};

thread_local! {
    /// Deciding does not wait, so one scratch per thread serves all requests on it.
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::new());
}

/// Answers any request of the role.
pub(super) async fn handle(State(role): State<Arc<DecideRole>>, request: Request) -> HttpResponse {
    observe_decision(request, |request, id| answer_http(role, request, id)).await
}

async fn answer_http(role: Arc<DecideRole>, request: Request, id: RequestId) -> HttpResponse {
    let incoming = Incoming::read(request, id).await;
    let asked = incoming.asked();
    let mut response = answer(&role, &asked, &incoming).await;
    add_cors(&role.serving, &asked, &mut response);
    into_http(response)
}

async fn answer(role: &DecideRole, asked: &Asked<'_>, incoming: &Incoming) -> Response {
    match route(&role.serving, asked) {
        Call::Answered(response) => response,
        Call::Question(call, access) => {
            if let Err(seconds) = role.admit(incoming, access) {
                return call.answer_rate_limited(seconds);
            }
            match role.reader.find(call.environment()).await {
                Found::Held(published) => timed(|scratch| call.answer(&published, scratch)),
                Found::Absent => call.answer_absent(),
                Found::Unavailable => call.answer_unavailable(),
            }
        }
        Call::Events(call, _) => call.answer_no_queue(),
        // Boxed: what fetching keeps is large, and every other request would have to carry the room for it.
        Call::Passthrough(call) => Box::pin(call.answer(&role.reader, asked)).await,
        Call::Health => Response::json(200, role.health().to_string().into_bytes()),
        Call::Ready => role.reader.answer_ready(asked.request_id),
    }
}

impl DecideRole {
    /// Takes a token of the client's; `Err` says after how many seconds to come back.
    pub fn admit(&self, incoming: &Incoming, access: Access) -> Result<(), u64> {
        let (Some(limiter), Some(peer)) = (&self.limiter, incoming.peer()) else { return Ok(()) };
        let address = client_address(peer, incoming.headers(), self.settings.trusted_proxy_hops);
        limiter.take(address, access.key)
    }
}

/// Decides, and says in `Server-Timing` how long it took.
fn timed(decide: impl FnOnce(&mut Scratch) -> Response) -> Response {
    let started = Instant::now();
    let response = SCRATCH.with_borrow_mut(decide);
    let microseconds = started.elapsed().as_micros();
    let (whole, thousandths) = (microseconds / 1000, microseconds % 1000);
    response.with_header("server-timing", format!("decide;dur={whole}.{thousandths:03}"))
}
