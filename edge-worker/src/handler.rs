//! Requests of the Worker: the host in front, `lotwise_serving` behind.

use std::rc::Rc;

use lotwise_core::Scratch;
use lotwise_serving::{
    Access, Call, EventsCall, Found, Method, Problem, Request, Response, add_cors, client_network,
    is_request_id, max_body_bytes, route,
};
use worker::{Context, Env, Queue, QueueContentType, RawMessageBuilder, web_sys};

use crate::border::{self, Description, Parts, Wanted};
use crate::host::Host;
use crate::keeper::Parcel;

/// Answers any request.
pub(crate) async fn handle(incoming: web_sys::Request, env: &Env, context: &Context) -> web_sys::Response {
    let host = Host::of(env);
    let wanted = host.as_ref().map_or_else(|_| Wanted::default(), |host| host.wanted());
    let description = Description::of(&incoming, wanted);
    let Parts { is_head, client, mut request, given_id } = description.parts();
    let made_id;
    request.request_id = match given_id.filter(|id| is_request_id(id)) {
        Some(id) => id,
        None => {
            made_id = border::random_uuid();
            &made_id
        }
    };
    #[cfg(feature = "golden")]
    if let Some(response) = crate::golden::answer(&incoming, &request).await {
        return border::into_web(&response, is_head);
    }
    let body;
    if request.method == Method::Post {
        body = border::body(&incoming, max_body_bytes(request.path)).await.ok().flatten();
        request.body = body.as_deref();
    }
    let response = match host {
        Ok(host) => {
            let mut response = answer(&host, &request, client, context).await;
            add_cors(&host.settings, &request, &mut response);
            response
        }
        Err(fault) => {
            worker::console_error!("the Worker is not set up: {fault}");
            let detail = "The Worker is not set up; its log says what is wrong.";
            Problem::new(503, "misconfigured", detail).response(request.request_id)
        }
    };
    let response = response.with_header("x-request-id", request.request_id.to_owned());
    border::into_web(&response, is_head)
}

async fn answer(host: &Rc<Host>, request: &Request<'_>, client: Option<&str>, context: &Context) -> Response {
    match route(&host.settings, request) {
        Call::Answered(response) => response,
        Call::Question(call, access) => {
            if let Err(seconds) = admit(host, client, access).await {
                return call.answer_rate_limited(seconds);
            }
            match find(host, call.environment(), context).await {
                Found::Held(published) => decided(host, |scratch| call.answer(&published, scratch)),
                Found::Absent => call.answer_absent(),
                Found::Unavailable => call.answer_unavailable(),
            }
        }
        Call::Events(call, access) => {
            if let Err(seconds) = admit(host, client, access).await {
                return call.answer_rate_limited(seconds);
            }
            events(host, request, &call).await
        }
        Call::Passthrough(call) => call.answer(&host.reader, request).await,
        Call::Health => {
            host.reader.refresh_all_due().await;
            Response::json(200, host.reader.health().to_string().into_bytes())
        }
        Call::Ready => {
            host.reader.refresh_all_due().await;
            host.reader.answer_ready(request.request_id)
        }
    }
}

/// Puts events into the queue. Without one they are brought to the control API while the caller waits, and its
/// answer is the caller's: 202 always means that the events are kept.
async fn events(host: &Host, request: &Request<'_>, call: &EventsCall<'_>) -> Response {
    if let Some(queue) = &host.events {
        for message in call.messages() {
            // Not all of a batch may be there now; whoever sends it again has the same ids.
            if !put(queue, message).await {
                return call.answer_unavailable();
            }
        }
        return call.answer_accepted();
    }
    let Some(keeper) = &host.keeper else { return call.answer_no_queue() };
    let answer = keeper
        .bring(&Parcel {
            content_type: request.content_type.unwrap_or_default(),
            body: request.body.unwrap_or_default(),
            is_verified: call.is_verified(),
            request_id: request.request_id,
        })
        .await;
    if let Some(status) = answer.as_ref().map(|it| it.status).filter(|it| matches!(it, 401 | 403 | 404)) {
        worker::console_error!(
            "the control API does not take events: {status}; see CONTROL_API_URL, EVENTS_KEY"
        );
    }
    call.answer_relayed(answer.map(|it| (it.status, it.retry_after, it.body)))
}

/// Puts a message into a queue; whether it is there.
pub(crate) async fn put(queue: &Queue, message: String) -> bool {
    let message = RawMessageBuilder::new(message.into());
    queue.send_raw(message.build_with_content_type(QueueContentType::Text)).await.is_ok()
}

/// What there is for an environment. When it is time to look for something newer, that happens
/// behind the response.
async fn find(host: &Rc<Host>, environment: &str, context: &Context) -> Found {
    let found = host.reader.find(environment).await;
    if host.reader.is_due(environment) {
        let (host, environment) = (Rc::clone(host), environment.to_owned());
        context.wait_until(async move { host.reader.refresh_due(&environment).await });
    }
    found
}

/// Asks the rate limiter, if there is one; `Err` says after how many seconds to come back. A limiter
/// that fails keeps nobody out.
async fn admit(host: &Host, client: Option<&str>, access: Access) -> Result<(), u64> {
    let Some(limiter) = &host.limiter else { return Ok(()) };
    let network = client.and_then(|address| address.parse().ok()).map(client_network);
    let network = network.map_or_else(|| "unknown".to_owned(), |network| network.to_string());
    let key = access.key.map_or_else(|| network.clone(), |key| format!("{network} {key}"));
    match limiter.binding.limit(key).await {
        Ok(outcome) if !outcome.success => Err(limiter.period_seconds),
        _ => Ok(()),
    }
}

/// Decides. How long it took, a Worker's clock cannot tell.
fn decided(host: &Host, decide: impl FnOnce(&mut Scratch) -> Response) -> Response {
    decide(&mut host.scratch.borrow_mut()).with_header("server-timing", "decide")
}
