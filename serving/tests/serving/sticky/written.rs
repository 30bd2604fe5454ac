//! What goes into a cookie, and when one is set.

use lotwise_serving::{Request, add_cors, route};
use serde_json::{Value, json};

use super::{Browser, decision, giving, is, settings, snapshot, with};
use crate::support::{answer_from, request};

#[test]
fn the_cookie_is_safe_by_its_attributes() {
    let response = Browser::new().meet(&snapshot(&[giving("e", "a")]));
    let cookie = response.header("set-cookie").expect("a cookie");
    let (pair, attributes) = cookie.split_once("; ").expect("attributes");
    assert!(pair.starts_with("__Host-lotwise-prod="), "{cookie}");
    assert_eq!(attributes, "Path=/; Max-Age=31536000; Secure; HttpOnly; SameSite=Lax");
    assert_eq!(response.header("cache-control"), Some("private, no-cache"));
}

#[test]
fn only_what_the_split_gave_in_sticky_experiments_is_remembered() {
    let not_sticky = with(giving("e", "a"), &json!({"sticky": false}));
    let by_rule = with(giving("e", "a"), &json!({"rules": [{"conditions": [], "variant": "a"}]}));
    let by_override = with(giving("e", "a"), &json!({"overrides": {"u": "a"}}));
    let concluded = with(giving("e", "a"), &json!({"status": "CONCLUDED", "winner": "a"}));
    let for_nobody = with(giving("e", "a"), &json!({"allocations": []}));
    let experiments = [not_sticky, by_rule, by_override, concluded, for_nobody];
    for (experiment, expected) in experiments.into_iter().zip([
        is("a", "SPLIT"),
        is("a", "RULE"),
        is("a", "OVERRIDE"),
        is("a", "CONCLUDED"),
        is("none", "NOT_IN_TRAFFIC"),
    ]) {
        let mut browser = Browser::new();
        let first = browser.meet(&snapshot(std::slice::from_ref(&experiment)));
        assert_eq!(decision(&first, "e"), expected);
        assert_eq!(first.header("set-cookie"), None, "{}", expected.1);
        browser.meet(&snapshot(&[experiment, giving("other", "a")]));
        let later = browser.meet(&snapshot(&[giving("e", "b"), giving("other", "b")]));
        assert_eq!(decision(&later, "e"), is("b", "SPLIT"), "{}", expected.1);
        assert_eq!(decision(&later, "other"), is("a", "STICKY"), "{}", expected.1);
    }
}

#[test]
fn what_is_remembered_outlives_rules_overrides_and_conclusions() {
    for (members, reason) in [
        (json!({"rules": [{"conditions": [], "variant": "b"}]}), "RULE"),
        (json!({"overrides": {"u": "b"}}), "OVERRIDE"),
        (json!({"status": "CONCLUDED", "winner": "b"}), "CONCLUDED"),
    ] {
        let mut browser = Browser::with_a();
        let meanwhile = browser.meet(&snapshot(&[with(giving("e", "b"), &members), giving("f", "a")]));
        assert_eq!(decision(&meanwhile, "e"), is("b", reason));
        assert_eq!(decision(&browser.meet(&snapshot(&[giving("e", "b")])), "e"), is("a", "STICKY"));
    }
}

#[test]
fn only_the_experiments_asked_for_are_added() {
    let mut browser = Browser::with_a();
    let published = snapshot(&[giving("e", "b"), giving("f", "a"), giving("g", "a")]);
    browser.keep(&browser.ask(&published, "&experiments=f"));
    let later = browser.meet(&snapshot(&[giving("e", "b"), giving("f", "b"), giving("g", "b")]));
    assert_eq!(decision(&later, "e"), is("a", "STICKY"), "kept, though not asked for");
    assert_eq!(decision(&later, "f"), is("a", "STICKY"));
    assert_eq!(decision(&later, "g"), is("b", "SPLIT"));
}

#[test]
fn the_oldest_make_room() {
    let long = |number: usize| format!("{number:03}-{}", "k".repeat(96));
    let some = |range: std::ops::Range<usize>, variant: &str| -> Vec<Value> {
        range.map(|number| giving(&long(number), variant)).collect()
    };
    let mut browser = Browser::new();
    browser.meet(&snapshot(&some(50..52, "a")));
    for range in [0..10, 10..40, 40..50] {
        let response = browser.meet(&snapshot(&some(range, "a")));
        let cookie = response.header("set-cookie").expect("a cookie");
        assert!(cookie.len() < 4096, "{}", cookie.len());
    }
    let all = snapshot(&some(0..52, "b"));
    let answer = browser.ask(&all, "");
    let kept: Vec<usize> =
        (0..52).filter(|number| decision(&answer, &long(*number)) == is("a", "STICKY")).collect();
    assert_eq!(kept.last(), Some(&49), "the first two were the oldest");
    assert_eq!(kept, (50 - kept.len()..50).collect::<Vec<_>>(), "without gaps");
    assert!(kept.len() > 20, "{}", kept.len());
}

#[test]
fn a_304_sets_none() {
    let published = snapshot(&[giving("e", "a")]);
    let mut browser = Browser::new();
    browser.meet(&published);
    let etag = browser.meet(&published).header("etag").expect("a tag").to_owned();
    for (method, url, text) in [
        ("GET", "/decide?user_key=u&env=prod", ""),
        ("POST", "/decide", r#"{"user_key":"u","env":"prod"}"#),
        ("POST", "/ofrep/v1/evaluate/flags", r#"{"context":{"targetingKey":"u"}}"#),
    ] {
        let asked =
            Request { cookie: Some(&browser.cookies), body: Some(text.as_bytes()), ..request(method, url) };
        let etag = match answer_from(&published, &browser.settings, &asked).header("etag") {
            Some(tag) => tag.to_owned(),
            None => etag.clone(),
        };
        let again = Request { if_none_match: Some(&etag), ..asked };
        let response = answer_from(&published, &browser.settings, &again);
        assert_eq!((response.status, response.header("set-cookie")), (304, None), "{method} {url}");
        let without = Request { cookie: None, ..again };
        let response = answer_from(&published, &browser.settings, &without);
        assert_eq!(response.status, 200, "state is part of the tag");
        assert!(response.header("set-cookie").is_some());
    }
}

#[test]
fn without_keys_or_sticky_experiments_there_are_no_cookies() {
    let mut browser = Browser { settings: settings(&[]), ..Browser::with_a() };
    let answer = browser.meet(&snapshot(&[giving("e", "b")]));
    assert_eq!((decision(&answer, "e"), answer.header("set-cookie")), (is("b", "SPLIT"), None));
    let mut browser = Browser::with_a();
    let plain = with(giving("e", "b"), &json!({"sticky": false}));
    let answer = browser.meet(&snapshot(&[plain]));
    assert_eq!((decision(&answer, "e"), answer.header("set-cookie")), (is("b", "SPLIT"), None));
}

#[test]
fn pages_of_known_origins_may_send_cookies() {
    let allowed = |keys: &[&str], method, origin| {
        let settings = settings(keys);
        let asked = Request { origin: Some(origin), ..request(method, "/decide?user_key=u&env=prod") };
        let mut response = match route(&settings, &asked) {
            lotwise_serving::Call::Answered(response) => response,
            _ => lotwise_serving::Response::empty(200),
        };
        add_cors(&settings, &asked, &mut response);
        assert_eq!(response.header("vary"), Some("Origin"));
        response.header("access-control-allow-credentials").map(ToOwned::to_owned)
    };
    for method in ["GET", "OPTIONS"] {
        assert_eq!(allowed(&[super::KEY], method, "https://shop.example").as_deref(), Some("true"));
        assert_eq!(allowed(&[super::KEY], method, "https://evil.example"), None);
        assert_eq!(allowed(&[], method, "https://shop.example"), None);
    }
}
