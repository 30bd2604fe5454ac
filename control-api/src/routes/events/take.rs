//! Taking a batch of events.

use axum::extract::{Request, State};
use axum::http::HeaderName;
use axum::response::Response as HttpResponse;
use lotwise_serving::{Access, Call, EventsCall, Problem, Response, UNVERIFIED_HEADER, add_cors, route};

use crate::decide::{Incoming, into_http};
use crate::domain::event::Source;
use crate::http::{RequestId, observe_decision};
use crate::ingest::NotTaken;
use crate::state::AppState;

const UNVERIFIED: HeaderName = HeaderName::from_static(UNVERIFIED_HEADER);

/// Takes events; answered 202 when they are durable.
pub async fn take_events(State(state): State<AppState>, request: Request) -> HttpResponse {
    observe_decision(request, |request, id| answer_http(state, request, id)).await
}

async fn answer_http(state: AppState, request: Request, id: RequestId) -> HttpResponse {
    let incoming = Incoming::read(request, id).await;
    let asked = incoming.asked();
    let mut response = match route(&state.serving, &asked) {
        Call::Answered(response) => response,
        Call::Events(call, access) => take(&state, &incoming, &call, access).await,
        // No other call stands at these paths.
        _ => Problem::new(404, "not_found", "There is nothing at this address.").response(asked.request_id),
    };
    add_cors(&state.serving, &asked, &mut response);
    into_http(response)
}

async fn take(state: &AppState, incoming: &Incoming, call: &EventsCall<'_>, access: Access) -> Response {
    if let Some(decide) = &state.decide
        && let Err(seconds) = decide.admit(incoming, access)
    {
        return call.answer_rate_limited(seconds);
    }
    match state.ingest.take(call, source(state, incoming, call, access)).await {
        Ok(refused) => call.answer(refused),
        Err(NotTaken::Overloaded) => call.answer_overloaded(),
        Err(NotTaken::Unavailable) => call.answer_unavailable(),
    }
}

/// Who brings the events. A Worker brings those of others too, and says so.
fn source(state: &AppState, incoming: &Incoming, call: &EventsCall<'_>, access: Access) -> Source {
    // access: Caller
    let bearer = incoming.header(&axum::http::header::AUTHORIZATION).and_then(|it| it.split_once(' '));
    let is_admin = bearer.is_some_and(|(_, token)| state.access.is_admin_token(token.trim()));
    if (call.is_verified() || is_admin) && incoming.header(&UNVERIFIED).is_none() {
        Source::Secret
    } else if access.key.is_some() && !call.is_verified() {
        Source::Publishable
    } else {
        Source::Anonymous
    }
}
