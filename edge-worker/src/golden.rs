//! What tests ask of a Worker. Never in a production build.
//!
//! `POST /golden?name=…` runs the golden file in the body, `GET /golden/panic` panics.

use lotwise_serving::{Request, Response};
use worker::web_sys;

use crate::border;

const MAX_GOLDEN_BYTES: usize = 64 << 20;

/// The answer, if it is one of these that is asked for.
pub(crate) async fn answer(incoming: &web_sys::Request, request: &Request<'_>) -> Option<Response> {
    match request.path {
        "/golden" => {}
        "/golden/panic" => panic!("on purpose"),
        _ => return None,
    }
    let name = request.query.and_then(|query| query.strip_prefix("name=")).unwrap_or_default();
    let body = border::body(incoming, MAX_GOLDEN_BYTES).await.ok().flatten().unwrap_or_default();
    let report = lotwise_golden::run(name, &String::from_utf8_lossy(&body));
    let report = serde_json::to_vec(&report).unwrap_or_default();
    Some(Response::json(200, report))
}
