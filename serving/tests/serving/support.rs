//! A published snapshot and requests of it.

use std::fmt::Write as _;

use lotwise_core::{BINARY_FORMAT, Scratch};
use lotwise_serving::{Call, Keys, Method, Pointer, Published, Request, Response, Settings, route, sha256};
use serde_json::{Value, json};

pub(crate) const SECRET: &str = "sk_test";
pub(crate) const PUBLISHABLE: &str = "pk_test";
pub(crate) const EXPLAIN: &str = "let me see";

pub(crate) fn settings(require_key: bool) -> Settings {
    Settings {
        default_environment: Some("prod".into()),
        cors_origins: vec!["https://shop.example".into()],
        keys: Keys::new(require_key, &[PUBLISHABLE.into()], &[SECRET.into()], Some(EXPLAIN)),
        ..Settings::default()
    }
}

pub(crate) fn document() -> Vec<u8> {
    br#"{"schema_version":1,"environment":"prod","version":7,"published_at":"2026-11-21T10:00:00Z","experiments":[
{"id":"id-a","key":"array","status":"RUNNING","salt":"a","hash":"murmur3","variants":[{"id":"v","key":"on","payload":[1]}],"allocations":[{"variant":"on","range_start":0,"range_end":9999}]},
{"id":"id-b","key":"button","status":"RUNNING","salt":"b","hash":"murmur3","variants":[{"id":"v1","key":"blue","payload":{"z":1.0,"a":9007199254740993}}],"allocations":[{"variant":"blue","range_start":0,"range_end":9999}],"overrides":{"qa":"blue"}},
{"id":"id-c","key":"concluded","status":"CONCLUDED","salt":"c","hash":"murmur3","variants":[{"id":"v","key":"on","payload":{"value":true}}],"allocations":[],"winner":"on"},
{"id":"id-t","key":"targeted","status":"RUNNING","salt":"t","hash":"murmur3","variants":[{"id":"v","key":"on","payload":"text"}],"allocations":[{"variant":"on","range_start":0,"range_end":9999}],"targeting_rules":[{"conditions":[{"attribute":"country","operator":"eq","value":"NZ"}]}]}]}"#
        .to_vec()
}

pub(crate) fn digest(object: &[u8]) -> String {
    sha256(object).iter().fold(String::new(), |mut digits, byte| {
        write!(digits, "{byte:02x}").expect("writing to a String cannot fail");
        digits
    })
}

/// What `version.json` says of a binary form.
pub(crate) fn named_binary(version: u64, binary: &[u8]) -> Value {
    let sha256 = digest(binary);
    let path = format!("snapshots/{version}-{}.bin", &sha256[..16]);
    json!({"format": BINARY_FORMAT, "path": path, "sha256": sha256, "bytes": binary.len()})
}

pub(crate) fn pointer_of(document: &[u8], changes: &Value) -> Vec<u8> {
    let sha256 = digest(document);
    let mut pointer = json!({"schema_version": 1, "environment": "prod", "version": 7,
        "snapshot": format!("snapshots/7-{}.json", &sha256[..16]), "sha256": sha256, "bytes": document.len(),
        "published_at": "2026-11-21T10:00:00Z"});
    for (name, value) in changes.as_object().expect("an object") {
        pointer[name] = value.clone();
    }
    pointer.to_string().into_bytes()
}

pub(crate) fn published() -> Published {
    load("prod", &document())
}

/// Loads version 7 of an environment.
pub(crate) fn load(environment: &str, document: &[u8]) -> Published {
    let pointer = pointer_of(document, &json!({"environment": environment}));
    let pointer = Pointer::parse(environment, &pointer).expect("a pointer");
    let json = pointer.forms().last().expect("the document is always there");
    json.load(document, &sha256(document)).expect("a snapshot")
}

pub(crate) fn request<'r>(method: &str, target: &'r str) -> Request<'r> {
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    Request {
        method: Method::from_name(method),
        path,
        query,
        origin: None,
        authorization: None,
        api_key: None,
        if_none_match: None,
        cookie: None,
        content_type: None,
        body: Some(b""),
        request_id: "r-1",
    }
}

/// Routes and answers from [`published`].
pub(crate) fn answer(settings: &Settings, request: &Request<'_>) -> Response {
    answer_from(&published(), settings, request)
}

/// Routes and answers from a snapshot.
pub(crate) fn answer_from(published: &Published, settings: &Settings, request: &Request<'_>) -> Response {
    match route(settings, request) {
        Call::Answered(response) => response,
        Call::Question(call, _) => call.answer(published, &mut Scratch::new()),
        call => panic!("nothing to answer: {call:?}"),
    }
}

pub(crate) fn body(response: &Response) -> Value {
    serde_json::from_slice(&response.body).expect("JSON")
}
