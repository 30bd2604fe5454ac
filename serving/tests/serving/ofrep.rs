//! OFREP, without a host.

use crate::support::{answer, body, request, settings};
use lotwise_serving::{Request, Response};
use serde_json::json;

fn post(url: &str, text: &str) -> Response {
    answer(&settings(false), &Request { body: Some(text.as_bytes()), ..request("POST", url) })
}

const CONTEXT: &str = r#"{"context":{"targetingKey":"u","country":"NZ"}}"#;

#[test]
fn a_flag_is_evaluated() {
    let flag = |key: &str, text| post(&format!("/prod/ofrep/v1/evaluate/flags/{key}"), text);
    let sha256 = body(&flag("button", CONTEXT))["metadata"]["snapshot_sha256"].clone();
    assert_eq!(
        body(&flag("button", CONTEXT)),
        json!({"key": "button", "reason": "SPLIT", "variant": "blue", "value": {"z": 1.0, "a": 9_007_199_254_740_993_u64},
            "metadata": {"reason": "SPLIT", "config_version": 7, "snapshot_sha256": sha256}})
    );
    assert_eq!(body(&flag("concluded", CONTEXT))["reason"], "STATIC");
    assert_eq!(body(&flag("concluded", CONTEXT))["value"], true, "an only member called value is the value");
    assert_eq!(body(&flag("targeted", CONTEXT))["value"], "text");
    let other = flag("targeted", r#"{"context":{"targetingKey":"u"}}"#);
    assert_eq!(other.status, 200);
    assert_eq!(
        body(&other),
        json!({"key": "targeted", "reason": "UNKNOWN",
            "metadata": {"reason": "TARGETING_MISMATCH", "config_version": 7, "snapshot_sha256": sha256}})
    );
}

#[test]
fn errors_have_the_protocols_shape() {
    let error = |url: &str, text: &str| {
        let response = post(url, text);
        (response.status, body(&response)["errorCode"].as_str().unwrap_or_default().to_owned())
    };
    let flag = "/prod/ofrep/v1/evaluate/flags/button";
    assert_eq!(error("/ofrep/v1/evaluate/flags/ghost", CONTEXT), (404, "FLAG_NOT_FOUND".into()));
    assert_eq!(error("/ofrep/v1/evaluate/flags/array", CONTEXT), (400, "GENERAL".into()));
    assert_eq!(error("/Prod/ofrep/v1/evaluate/flags/button", CONTEXT), (400, "GENERAL".into()));
    assert_eq!(error(flag, "{"), (400, "PARSE_ERROR".into()));
    assert_eq!(error(flag, "{}"), (400, "INVALID_CONTEXT".into()));
    assert_eq!(error(flag, r#"{"context":[]}"#), (400, "INVALID_CONTEXT".into()));
    assert_eq!(error(flag, r#"{"context":{}}"#), (400, "TARGETING_KEY_MISSING".into()));
    assert_eq!(error(flag, r#"{"context":{"targetingKey":""}}"#), (400, "TARGETING_KEY_MISSING".into()));
    assert_eq!(error(flag, r#"{"context":{"targetingKey":5}}"#), (400, "INVALID_CONTEXT".into()));
    let refused =
        answer(&settings(true), &Request { body: Some(CONTEXT.as_bytes()), ..request("POST", flag) });
    assert_eq!((refused.status, body(&refused)["errorCode"].as_str()), (401, Some("GENERAL")));
}

#[test]
fn all_flags_are_evaluated_and_tagged() {
    let url = "/ofrep/v1/evaluate/flags";
    let response = post(url, CONTEXT);
    let all = body(&response);
    let keys: Vec<&str> =
        all["flags"].as_array().expect("flags").iter().map(|it| it["key"].as_str().expect("a key")).collect();
    assert_eq!(keys, ["array", "button", "concluded", "targeted"]);
    assert_eq!(all["flags"][0]["errorCode"], "GENERAL", "one flag's error is its own");
    let tag = response.header("etag").expect("a tag").to_owned();
    let again = |text: &str| {
        let asked =
            Request { body: Some(text.as_bytes()), if_none_match: Some(&tag), ..request("POST", url) };
        answer(&settings(false), &asked).status
    };
    assert_eq!(again(CONTEXT), 304);
    assert_eq!(again(r#"{"context":{"targetingKey":"u","country":"AU"}}"#), 200);
    assert_eq!(again(r#"{"context":{"targetingKey":"w","country":"NZ"}}"#), 200);
}
