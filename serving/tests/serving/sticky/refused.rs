//! Cookies that count for nothing, and keys that are not taken.

use lotwise_serving::{Published, StickyKeys, settings_from_vars};
use proptest::prelude::*;

use super::{Browser, KEY, decision, giving, is, snapshot};

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Asserts that a value gets what somebody without a cookie gets.
#[track_caller]
fn assert_ignored(published: &Published, value: &str) {
    let browser = Browser { cookies: format!("__Host-lotwise-prod={value}"), ..Browser::new() };
    let answer = browser.ask(published, "");
    assert_eq!(decision(&answer, "e"), is("b", "SPLIT"), "{value}");
    assert!(answer.header("set-cookie").is_some(), "overwritten");
}

#[test]
fn no_byte_can_be_changed() {
    let published = snapshot(&[giving("e", "b")]);
    let browser = Browser::with_a();
    let value = browser.value();
    for position in 0..value.len() {
        for letter in ALPHABET.iter().filter(|letter| **letter != value.as_bytes()[position]) {
            let mut tampered = value.as_bytes().to_vec();
            tampered[position] = *letter;
            assert_ignored(&published, std::str::from_utf8(&tampered).expect("ASCII"));
        }
    }
}

#[test]
fn nothing_can_be_cut_off_or_added() {
    let published = snapshot(&[giving("e", "b")]);
    let browser = Browser::with_a();
    let value = browser.value();
    for end in 0..value.len() {
        assert_ignored(&published, &value[..end]);
        assert_ignored(&published, &value[end + 1..]);
    }
    for added in ["A", "AAAA", "=", "==", "%3D", " x"] {
        assert_ignored(&published, &format!("{value}{added}"));
    }
    assert_ignored(&published, &format!("\"{value}\""));
    assert_ignored(&published, &"A".repeat(100_000));
}

#[test]
fn the_first_that_verifies_counts() {
    let published = snapshot(&[giving("e", "b")]);
    let browser = Browser::with_a();
    let genuine = &browser.cookies;
    for cookies in [
        format!("__Host-lotwise-prod=AQ; {genuine}"),
        format!("{genuine}; __Host-lotwise-prod=AQ"),
        format!(";;=; __Host-lotwise-prod;{genuine};"),
    ] {
        let browser = Browser { cookies: cookies.clone(), ..Browser::new() };
        assert_eq!(decision(&browser.ask(&published, ""), "e"), is("a", "STICKY"), "{cookies}");
    }
}

#[test]
fn short_keys_are_refused_and_no_key_is_shown() {
    let said = StickyKeys::new(&[KEY.into(), "x".repeat(31)]).expect_err("too short").to_string();
    assert!(said.contains("32 bytes") && said.contains("openssl rand"), "{said}");
    let keys = StickyKeys::new(&[KEY.into()]).expect("long enough");
    assert_eq!(format!("{keys:?}"), "StickyKeys(1 keys)");
    let from = |keys: &str| settings_from_vars(|name| (name == "STICKY_KEYS").then(|| keys.to_owned()));
    let said = from("hunter2").expect_err("too short");
    assert!(said.starts_with("STICKY_KEYS: ") && !said.contains("hunter2"), "{said}");
    assert!(!from(&format!("{KEY}x, {KEY}")).expect("long enough").0.sticky_keys.is_empty());
}

proptest! {
    #[test]
    fn rubbish_is_ignored(value in "[A-Za-z0-9_-]{0,200}", cookies in ".*") {
        let published = snapshot(&[giving("e", "b")]);
        assert_ignored(&published, &value);
        let browser = Browser { cookies, ..Browser::new() };
        prop_assert_eq!(decision(&browser.ask(&published, ""), "e"), is("b", "SPLIT"));
    }
}
