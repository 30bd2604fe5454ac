//! From a request to what has to be done about it.

use crate::access::Access;
use crate::cors::preflight;
use crate::decide::DecideCall;
use crate::events::{EventsCall, MAX_BATCH_BYTES};
use crate::ofrep::OfrepCall;
use crate::passthrough::PassthroughCall;
use crate::problem::Problem;
use crate::question::Question;
use crate::request::{MAX_BODY_BYTES, Method, Request};
use crate::response::Response;
use crate::settings::Settings;

/// What a request asks for.
#[derive(Debug)]
pub enum Call<'r> {
    /// It is answered already.
    Answered(Response),
    /// Decisions or OFREP evaluations, from the snapshot of an environment.
    Question(Box<dyn Question + 'r>, Access),
    /// Events for a queue, if the host has one.
    Events(EventsCall<'r>, Access),
    /// An object of the client folder.
    Passthrough(PassthroughCall),
    /// How the host stands.
    Health,
    /// Whether the host can answer.
    Ready,
}

/// OFREP's path, behind an environment's name or on its own.
const FLAGS: &str = "ofrep/v1/evaluate/flags";

/// What stands at a path.
enum Place<'p> {
    Decide,
    Events,
    Ofrep { environment: Option<&'p str>, flag: Option<&'p str> },
    Client { environment: &'p str, object: &'p str },
    Health,
    Ready,
}

impl Place<'_> {
    fn at(path: &str) -> Option<Place<'_>> {
        match path {
            "/decide" | "/api/decide" | "/api/v1/decide" => return Some(Place::Decide),
            "/events" | "/api/events" | "/api/v1/events" => return Some(Place::Events),
            "/health" => return Some(Place::Health),
            "/ready" => return Some(Place::Ready),
            _ => {}
        }
        let path = path.strip_prefix('/')?;
        let (environment, rest) = match path.strip_prefix(FLAGS) {
            Some(rest) => (None, rest),
            None => {
                let (environment, rest) = path.split_once('/')?;
                if let Some(object) = rest.strip_prefix("client/") {
                    return Some(Place::Client { environment, object });
                }
                (Some(environment), rest.strip_prefix(FLAGS)?)
            }
        };
        let flag = match rest {
            "" => None,
            rest => Some(rest.strip_prefix('/').filter(|flag| !flag.is_empty() && !flag.contains('/'))?),
        };
        Some(Place::Ofrep { environment, flag })
    }

    fn allowed(&self) -> (&'static [Method], &'static str) {
        match self {
            Self::Decide => (&[Method::Get, Method::Post], "GET, HEAD, POST, OPTIONS"),
            Self::Ofrep { .. } | Self::Events => (&[Method::Post], "POST, OPTIONS"),
            Self::Client { .. } | Self::Health | Self::Ready => (&[Method::Get], "GET, HEAD, OPTIONS"),
        }
    }
}

/// How many bytes of a body are looked at there. The host reads no more than that.
pub fn max_body_bytes(path: &str) -> usize {
    match Place::at(path) {
        Some(Place::Events) => MAX_BATCH_BYTES,
        _ => MAX_BODY_BYTES,
    }
}

/// What a request asks for, everything about it checked that can be without a snapshot.
pub fn route<'r>(settings: &'r Settings, request: &Request<'r>) -> Call<'r> {
    let answered = |problem: &Problem| Call::Answered(problem.response(request.request_id));
    let Some(place) = Place::at(request.path) else {
        return answered(&Problem::new(404, "not_found", "There is nothing at this address."));
    };
    let (methods, allow) = place.allowed();
    if request.method == Method::Options {
        return Call::Answered(preflight(allow));
    }
    if !methods.contains(&request.method) {
        let problem = Problem::new(405, "method_not_allowed", format!("Allowed here: {allow}."));
        return Call::Answered(problem.response(request.request_id).with_header("allow", allow));
    }
    let call = match place {
        Place::Health => Ok(Call::Health),
        Place::Ready => Ok(Call::Ready),
        Place::Client { environment, object } => {
            PassthroughCall::parse(environment, object).map(Call::Passthrough)
        }
        Place::Ofrep { environment, flag } => return ofrep(settings, request, environment, flag),
        Place::Decide => settings.keys.access(request).and_then(|access| {
            DecideCall::parse(settings, request, access).map(|call| Call::Question(Box::new(call), access))
        }),
        Place::Events => settings
            .keys
            .access(request)
            .and_then(|access| EventsCall::parse(request, access).map(|call| Call::Events(call, access))),
    };
    call.unwrap_or_else(|problem| answered(&problem))
}

fn ofrep<'r>(
    settings: &'r Settings,
    request: &Request<'r>,
    environment: Option<&str>,
    flag: Option<&str>,
) -> Call<'r> {
    let parsed = OfrepCall::check_access(settings, request).and_then(|access| {
        let call = OfrepCall::parse(settings, request, environment, flag)?;
        Ok(Call::Question(Box::new(call), access))
    });
    parsed.unwrap_or_else(Call::Answered)
}
