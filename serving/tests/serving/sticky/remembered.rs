//! What a cookie makes of decisions.

use lotwise_serving::Request;
use serde_json::json;

use super::{Browser, NEXT_KEY, decision, giving, is, settings, snapshot, snapshot_of, with};
use crate::support::{SECRET, answer_from, body, request};

#[test]
fn who_is_in_stays_in_when_weights_change() {
    let mut browser = Browser::new();
    let first = browser.meet(&snapshot(&[giving("e", "a")]));
    assert_eq!(decision(&first, "e"), is("a", "SPLIT"));
    let later = snapshot(&[giving("e", "b")]);
    assert_eq!(decision(&Browser::new().meet(&later), "e"), is("b", "SPLIT"));
    let kept = browser.meet(&later);
    assert_eq!(decision(&kept, "e"), is("a", "STICKY"));
    assert_eq!(kept.header("set-cookie"), None, "nothing is new");
}

#[test]
fn ofrep_remembers_as_decide_does() {
    let (before, after) = (snapshot(&[giving("e", "a")]), snapshot(&[giving("e", "b")]));
    for (url, pointer) in [
        ("/prod/ofrep/v1/evaluate/flags/e", "/variant"),
        ("/prod/ofrep/v1/evaluate/flags", "/flags/0/variant"),
    ] {
        let mut browser = Browser::new();
        let ask = |browser: &Browser, published| {
            let asked = Request {
                cookie: Some(&browser.cookies),
                body: Some(br#"{"context":{"targetingKey":"u"}}"#),
                ..request("POST", url)
            };
            answer_from(published, &browser.settings, &asked)
        };
        browser.keep(&ask(&browser, &before));
        let kept = ask(&browser, &after);
        assert_eq!(body(&kept).pointer(pointer), Some(&json!("a")), "{url}");
        assert_eq!(kept.header("set-cookie"), None, "{url}");
        assert_eq!(decision(&browser.meet(&after), "e"), is("a", "STICKY"), "{url}");
    }
}

#[test]
fn a_cookie_is_its_users_and_its_environments() {
    let published = snapshot(&[giving("e", "b")]);
    let mut other_user = Browser { user_key: "v", ..Browser::with_a() };
    assert_eq!(decision(&other_user.meet(&published), "e"), is("b", "SPLIT"));
    let back = Browser { user_key: "u", ..other_user };
    assert_eq!(decision(&back.ask(&published, ""), "e"), is("b", "SPLIT"), "overwritten");

    let renamed = Browser::with_a().cookies.replace("lotwise-prod", "lotwise-dev");
    let mut other_environment = Browser { environment: "dev", cookies: renamed, ..Browser::new() };
    let in_dev = snapshot_of("dev", &[giving("e", "b")]);
    assert_eq!(decision(&other_environment.meet(&in_dev), "e"), is("b", "SPLIT"));
}

#[test]
fn environments_have_cookies_of_their_own() {
    let mut browser = Browser::with_a();
    browser.environment = "dev";
    browser.meet(&snapshot_of("dev", &[giving("e", "b")]));
    browser.environment = "prod";
    assert_eq!(decision(&browser.meet(&snapshot(&[giving("e", "b")])), "e"), is("a", "STICKY"));
}

#[test]
fn keys_rotate() {
    let published = snapshot(&[giving("e", "b")]);
    let mut browser = Browser::with_a();
    let old = super::KEY;
    browser.settings = settings(&[NEXT_KEY, old]);
    let etag = browser.ask(&published, "").header("etag").expect("a tag").to_owned();
    let url = "/decide?user_key=u&env=prod&explain=true";
    let asked = Request {
        api_key: Some(SECRET),
        cookie: Some(&browser.cookies),
        if_none_match: Some(&etag),
        ..request("GET", url)
    };
    let answer = answer_from(&published, &browser.settings, &asked);
    assert_eq!(answer.status, 200, "a cookie under an old key is worth a whole answer");
    browser.keep(&answer);
    browser.settings = settings(&[NEXT_KEY]);
    assert_eq!(decision(&browser.meet(&published), "e"), is("a", "STICKY"), "signed anew");
    browser.settings = settings(&[old]);
    assert_eq!(decision(&browser.meet(&published), "e"), is("b", "SPLIT"), "the old key did not sign it");
}

#[test]
fn a_paused_experiment_comes_back() {
    let mut browser = Browser::with_a();
    let paused = snapshot(&[giving("other", "a")]);
    assert!(browser.meet(&paused).header("set-cookie").is_some());
    let resumed = snapshot(&[giving("e", "b"), giving("other", "b")]);
    let answer = browser.meet(&resumed);
    assert_eq!(decision(&answer, "e"), is("a", "STICKY"));
    assert_eq!(decision(&answer, "other"), is("a", "STICKY"));
}

#[test]
fn what_no_longer_counts_is_dropped() {
    let published = snapshot(&[giving("e", "b"), giving("other", "a")]);
    let changed = [
        with(giving("e", "b"), &json!({"sticky": false})),
        with(giving("e", "b"), &json!({"variants": [{"id": "b", "key": "b", "payload": 2}]})),
    ];
    for changed in changed {
        let mut browser = Browser::with_a();
        let first = browser.meet(&snapshot(&[changed, giving("other", "a")]));
        assert_eq!(decision(&first, "e"), is("b", "SPLIT"));
        let then = decision(&browser.meet(&published), "e");
        assert_ne!(then.0, "a", "it does not come back");
    }
}

#[test]
fn a_secret_keys_own_state_wins() {
    let published = snapshot(&[giving("e", "b"), giving("f", "b")]);
    let browser = Browser::with_a();
    let url = "/decide?user_key=u&env=prod&explain=true&sticky=%7B%22f%22%3A%22a%22%7D";
    let asked = Request { api_key: Some(SECRET), cookie: Some(&browser.cookies), ..request("GET", url) };
    let answer = answer_from(&published, &browser.settings, &asked);
    assert_eq!(decision(&answer, "e"), is("b", "SPLIT"));
    assert_eq!(decision(&answer, "f"), is("a", "STICKY"));
    assert_eq!(answer.header("set-cookie"), None);
}
