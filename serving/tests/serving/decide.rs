//! `/decide`, without a host.

use crate::support::{EXPLAIN, PUBLISHABLE, SECRET, answer, body, request, settings};
use lotwise_core::bucketing::HashAlgorithm::Murmur3;
use lotwise_serving::{Call, Request, Response, add_cors, route};
use serde_json::json;

fn get(query: &str) -> Response {
    answer(&settings(false), &request("GET", &format!("/decide?{query}")))
}

fn post(text: &str) -> Response {
    answer(&settings(false), &Request { body: Some(text.as_bytes()), ..request("POST", "/api/decide") })
}

#[test]
fn the_answer_is_what_was_published_byte_for_byte() {
    let response = get(
        "user_key=user-1&env=prod&context=%7B%22country%22:%22NZ%22%7D&experiments=button,targeted,ghost",
    );
    assert_eq!(response.status, 200);
    assert_eq!(
        String::from_utf8(response.body.clone()).expect("text"),
        r#"{"user_key":"user-1","environment":"prod","config_version":7,"assignments":[{"experiment_key":"button","experiment_id":"id-b","variant_key":"blue","variant_id":"v1","payload":{"z":1.0,"a":9007199254740993}},{"experiment_key":"targeted","experiment_id":"id-t","variant_key":"on","variant_id":"v","payload":"text"}]}"#
    );
    assert_eq!(response.header("cache-control"), Some("private, no-cache"));
    assert!(response.header("etag").is_some());
    let by_body = post(
        r#"{"user_key":"user-1","env":"prod","context":{"country":"NZ"},"experiments":["targeted","button"]}"#,
    );
    assert_eq!(by_body.body, response.body, "asked by body, the answer is the same");
}

#[test]
fn overrides_are_marked() {
    let response = get("user_key=qa&env=prod&experiments=button");
    assert_eq!(body(&response)["assignments"][0]["is_override"], json!(true));
}

#[test]
fn the_entity_tag_follows_what_matters_and_nothing_else() {
    let tag = |query: &str| get(query).header("etag").expect("a tag").to_owned();
    let base = tag("user_key=u&env=prod&context={%22country%22:%22NZ%22}");
    assert_eq!(base, tag("user_key=u&env=prod&context={%22country%22:%22NZ%22,%22age%22:3}"));
    assert_ne!(base, tag("user_key=u&env=prod&context={%22country%22:%22AU%22}"));
    assert_ne!(base, tag("user_key=v&env=prod&context={%22country%22:%22NZ%22}"));
    assert_ne!(base, tag("user_key=u&env=prod&context={%22country%22:%22NZ%22}&experiments=button"));
    let url = "/decide?user_key=u&env=prod&context={%22country%22:%22NZ%22}";
    let again = answer(&settings(false), &Request { if_none_match: Some(&base), ..request("GET", url) });
    assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, Some(base.as_str())));
}

#[test]
fn every_fault_of_a_request_is_named_at_once() {
    let response = get("user_key=&env=Prod&context=[]&experiment=a&explain=maybe&user_key=2");
    assert_eq!((response.status, response.header("content-type")), (400, Some("application/problem+json")));
    let problem = body(&response);
    assert_eq!(problem["instance"], "r-1");
    let pointers: Vec<&str> = problem["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|it| it["pointer"].as_str().expect("text"))
        .collect();
    assert_eq!(pointers, ["/context", "/experiment", "/explain", "/user_key", "/env"]);
}

#[test]
fn impossible_requests_are_refused() {
    for query in [
        "env=prod",
        "user_key=u",
        "user_key=u&env=decide",
        "user_key=u&env=..%2Fprod",
        "user_key=%ff&env=prod",
        "user_key=u&env=prod&context=%7B%22a%22%3A1%2C%22a%22%3A2%7D",
        "user_key=u&env=prod&context=%7B%22a%22%3A1e999%7D",
        &format!("user_key={}&env=prod", "u".repeat(513)),
        &format!("user_key=u&env=prod&context=%7B%22a%22%3A%22{}%22%7D", "x".repeat(8 << 10)),
    ] {
        let response = get(query);
        assert_eq!(response.status, 400, "{query}: {}", String::from_utf8_lossy(&response.body));
    }
    for text in [
        "",
        "[]",
        "null",
        "{",
        r#"{"user_key":1,"env":"prod"}"#,
        r#"{"user_key":"u","env":"prod","contxt":{}}"#,
    ] {
        assert_eq!(post(text).status, 400, "{text}");
    }
    let large = format!(r#"{{"user_key":"u","env":"prod","context":{{"a":"{}"}}}}"#, "x".repeat(64 << 10));
    assert_eq!(post(&large).status, 400);
    let too_large = Request { body: None, ..request("POST", "/decide") };
    assert_eq!(answer(&settings(false), &too_large).status, 413);
    assert_eq!(
        answer(&settings(false), &Request { body: Some(b"\xff"), ..request("POST", "/decide") }).status,
        400
    );
}

#[test]
fn user_keys_are_taken_byte_for_byte() {
    let key = "k".repeat(512);
    assert_eq!(body(&get(&format!("user_key={key}&env=prod")))["user_key"], json!(key));
    assert_eq!(body(&get("user_key=a%00b%F0%9F%99%82+c&env=prod"))["user_key"], json!("a\u{0}b🙂 c"));
}

#[test]
fn explanations_and_sticky_state_need_a_key() {
    let explain = "/decide?user_key=u&env=prod&explain=true&experiments=button,targeted";
    let sticky = "/decide?user_key=u&env=prod&experiments=targeted&sticky=%7B%22targeted%22%3A%22on%22%7D";
    let with =
        |url: &'static str, key| answer(&settings(false), &Request { api_key: key, ..request("GET", url) });
    for key in [None, Some(PUBLISHABLE), Some("sk_guess")] {
        assert_eq!((with(explain, key).status, with(sticky, key).status), (403, 403));
    }
    assert_eq!(with(sticky, Some(EXPLAIN)).status, 403);
    for key in [SECRET, EXPLAIN] {
        assert_eq!(
            body(&with(explain, Some(key)))["decisions"],
            json!([{"experiment_key": "button", "variant_key": "blue", "reason": "SPLIT", "bucket": Murmur3.bucket("u", "b")},
                {"experiment_key": "targeted", "variant_key": null, "reason": "TARGETING_MISMATCH", "bucket": Murmur3.bucket("u", "t")}])
        );
    }
    assert_eq!(body(&with(sticky, Some(SECRET)))["assignments"][0]["variant_key"], "on");
    let bearer = Request { authorization: Some("bearer sk_test"), ..request("GET", explain) };
    assert_eq!(answer(&settings(false), &bearer).status, 200);
}

#[test]
fn keys_can_be_required() {
    let url = "/decide?user_key=u&env=prod";
    let with = |key| answer(&settings(true), &Request { api_key: key, ..request("GET", url) }).status;
    assert_eq!(
        [with(None), with(Some("sk_guess")), with(Some(PUBLISHABLE)), with(Some(SECRET))],
        [401, 401, 200, 200]
    );
}

#[test]
fn routes_take_their_methods_and_nothing_else_is_there() {
    let status = |method, url| match route(&settings(false), &request(method, url)) {
        Call::Answered(response) => response.status,
        _ => 200,
    };
    assert_eq!(status("OPTIONS", "/decide"), 204);
    assert_eq!(status("DELETE", "/decide"), 405);
    assert_eq!(status("GET", "/prod/ofrep/v1/evaluate/flags"), 405);
    assert_eq!(status("HEAD", "/health"), 200);
    for url in [
        "/",
        "/nothing",
        "/decide/",
        "/prod/version.json",
        "/prod/snapshots/1-0123456789abcdef.json",
        "//client/version.json",
    ] {
        assert_eq!(status("GET", url), 404, "{url}");
    }
}

#[test]
fn pages_are_let_in_by_origin() {
    let headers = |origin| {
        let asked = Request { origin, ..request("GET", "/decide?user_key=u&env=prod") };
        let mut response = answer(&settings(false), &asked);
        add_cors(&settings(false), &asked, &mut response);
        (
            response.header("access-control-allow-origin").map(ToOwned::to_owned),
            response.header("vary").is_some(),
        )
    };
    assert_eq!(headers(Some("https://shop.example")), (Some("https://shop.example".into()), true));
    assert_eq!(headers(Some("https://shop.example.evil.example")), (None, true));
    assert_eq!(headers(None), (None, true));
}
