//! Keys of single environments.

use lotwise_serving::{EnvironmentKey, Holder, Request, Response, Settings, sha256};

use crate::support::{PUBLISHABLE, SECRET, answer, body, request, settings};

const PROD: &str = "sk_01_aaaa";
const PAGE: &str = "pk_02_bbbb";
const STAGING: &str = "sk_03_cccc";

fn key(text: &str, environment: &str, is_secret: bool) -> EnvironmentKey {
    let (id, _) = text.rsplit_once('_').expect("a key");
    EnvironmentKey::new(id.into(), sha256(text.as_bytes()), environment.into(), is_secret)
}

/// No environment of its own, so that the key's is what counts.
fn with_keys(require_key: bool) -> Settings {
    let settings = settings(require_key);
    // Not in the order of ids.
    let keys = vec![key(STAGING, "staging", true), key(PROD, "prod", true), key(PAGE, "prod", false)];
    Settings { keys: settings.keys.with_environment_keys(keys), default_environment: None, ..settings }
}

fn decide(settings: &Settings, key: &str, more: &str) -> Response {
    let target = format!("/decide?user_key=u&env=prod{more}");
    answer(settings, &Request { api_key: Some(key), ..request("GET", &target) })
}

#[test]
fn a_key_decides_in_its_own_environment_only() {
    let settings = with_keys(true);
    for key in [PROD, PAGE, SECRET, PUBLISHABLE] {
        assert_eq!(decide(&settings, key, "").status, 200, "{key}");
    }
    let refused = decide(&settings, STAGING, "");
    assert_eq!((refused.status, body(&refused)["code"].as_str()), (403, Some("wrong_environment")));
    for wrong in ["sk_01_aaab", "sk_01", "sk_01_", "_", "sk_02_bbbb", "pk_01_aaaa"] {
        assert_eq!(decide(&settings, wrong, "").status, 401, "{wrong}");
    }
}

#[test]
fn only_secret_keys_let_explanations_out() {
    let settings = with_keys(false);
    assert_eq!(decide(&settings, PROD, "&explain=true").status, 200);
    assert_eq!(decide(&settings, PROD, "&sticky=%7B%7D").status, 200);
    assert_eq!(decide(&settings, PAGE, "&explain=true").status, 403);
    assert_eq!(decide(&settings, PAGE, "&sticky=%7B%7D").status, 403);
}

#[test]
fn ofrep_takes_the_environment_from_the_key() {
    let settings = with_keys(false);
    let status = |target: &str, key: Option<&str>| {
        let text = r#"{"context":{"targetingKey":"u"}}"#;
        let asked = Request { api_key: key, body: Some(text.as_bytes()), ..request("POST", target) };
        answer(&settings, &asked).status
    };
    let unnamed = "/ofrep/v1/evaluate/flags/button";
    assert_eq!([status(unnamed, None), status(unnamed, Some(PAGE))], [400, 200]);
    let named = "/prod/ofrep/v1/evaluate/flags/button";
    assert_eq!(
        [status(named, None), status(named, Some(PAGE)), status(named, Some(STAGING))],
        [200, 200, 403]
    );
}

#[test]
fn each_key_has_a_place_of_its_own_and_says_whether_it_was_used() {
    let keys = with_keys(false).keys;
    let place = |text: &str| match keys.holder(text) {
        Holder::Publishable(place) | Holder::Secret(place) | Holder::Environment(_, place) => place,
        other => panic!("{other:?}"),
    };
    let mut places = [SECRET, PUBLISHABLE, PROD, PAGE, STAGING].map(place);
    places.sort_unstable();
    assert_eq!(places, [0, 1, 2, 3, 4]);
    let used = || keys.environment_keys().iter().filter(|key| key.take_use()).count();
    assert_eq!([used(), used()], [3, 0]);
    place(PAGE);
    assert_eq!(used(), 1);
}
