//! Taking a batch of events.

use axum::RequestPartsExt;
use axum::extract::{Request, State};
use axum::http::HeaderName;
use axum::response::Response as HttpResponse;
use lotwise_serving::{
    Access, Call, EventsCall, Problem, Request as Asked, Response, Settings, UNVERIFIED_HEADER, add_cors,
    route,
};

use crate::auth::{Caller, refresh_keys};
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
    let (mut parts, body) = request.into_parts();
    // What is not known counts as nothing, unless a key is required: that is for `route` to say.
    let caller = parts.extract_with_state::<Caller, _>(&state).await.ok();
    let incoming = Incoming::read(Request::from_parts(parts, body), id).await;
    let asked = incoming.asked();
    let serving = serving(&state, &asked, caller.as_ref()).await;
    let mut response = match route(&serving, &asked) {
        Call::Answered(response) => response,
        Call::Events(call, access) => take(&state, &incoming, &call, access, caller.as_ref()).await,
        // No other call stands at these paths.
        _ => Problem::new(404, "not_found", "There is nothing at this address.").response(asked.request_id),
    };
    add_cors(&serving, &asked, &mut response);
    into_http(response)
}

/// The settings with the keys of environments as they are now: the caller's key, if it has one that was
/// made a moment ago, too.
async fn serving(state: &AppState, asked: &Asked<'_>, caller: Option<&Caller>) -> Settings {
    let is_bound = caller.and_then(Caller::environment).is_some();
    if is_bound
        && !state.access.keys().access(asked).is_ok_and(|access| access.bound.is_some())
        && let Err(error) = refresh_keys(state).await
    {
        tracing::warn!(%error, "the keys of environments cannot be read");
    }
    Settings { keys: state.access.keys(), ..Settings::clone(&state.serving) }
}

async fn take(
    state: &AppState,
    incoming: &Incoming,
    call: &EventsCall<'_>,
    access: Access<'_>,
    caller: Option<&Caller>,
) -> Response {
    if let Some(decide) = &state.decide
        && let Err(seconds) = decide.admit(incoming, access)
    {
        return call.answer_rate_limited(seconds);
    }
    match state.ingest.take(call, source(incoming, call, access, caller)).await {
        Ok(refused) => call.answer(refused),
        Err(NotTaken::Overloaded) => call.answer_overloaded(),
        Err(NotTaken::Unavailable) => call.answer_unavailable(),
    }
}

/// Who brings the events. A Worker brings those of others too, and says so.
fn source(incoming: &Incoming, call: &EventsCall<'_>, access: Access<'_>, caller: Option<&Caller>) -> Source {
    let may_edit = caller.is_some_and(Caller::may_edit_everywhere);
    if (call.is_verified() || may_edit) && incoming.header(&UNVERIFIED).is_none() {
        Source::Secret
    } else if access.key.is_some() && !call.is_verified() {
        Source::Publishable
    } else {
        Source::Anonymous
    }
}
