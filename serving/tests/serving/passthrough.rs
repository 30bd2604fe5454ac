//! The client document on its way to pages.

use core::time::Duration;

use futures_executor::block_on;
use lotwise_serving::{Call, FetchError, Request, Response, route};

use crate::scripted::{INTERVAL, Scripted};
use crate::support::{body, request, settings};

const POINTER: &str = "prod/client/version.json";

/// A store with version 7 of `prod` for pages, too, and the path of its snapshot.
fn store() -> (Scripted, String) {
    let mut store = Scripted::with_prod();
    store.has_shelf = true;
    publish(&store, 7);
    let pointer: serde_json::Value = serde_json::from_slice(&store.objects.borrow()[POINTER]).expect("JSON");
    let snapshot = format!("prod/client/{}", pointer["snapshot"].as_str().expect("a path"));
    (store, snapshot)
}

fn publish(store: &Scripted, version: u64) {
    store.publish(version);
    let full: Vec<_> = store.objects.borrow().iter().map(|(path, it)| (path.clone(), it.clone())).collect();
    for (path, bytes) in full.into_iter().filter(|(path, _)| !path.contains("/client/")) {
        store.objects.borrow_mut().insert(path.replace("prod/", "prod/client/"), bytes);
    }
}

fn get(store: &Scripted, path: &str, if_none_match: Option<&str>) -> Response {
    let url = format!("/{path}");
    let asked = Request { if_none_match, ..request("GET", &url) };
    match route(&settings(false), &asked) {
        Call::Answered(response) => response,
        Call::Passthrough(call) => block_on(call.answer(&store.reader(), &asked)),
        call => panic!("not passed through: {call:?}"),
    }
}

#[test]
fn only_checked_names_become_part_of_a_path() {
    let (store, snapshot) = store();
    assert_eq!(get(&store, POINTER, None).status, 200);
    assert_eq!(get(&store, &snapshot, None).header("content-type"), Some("application/json"));
    let binary = store.publish_binary(7);
    let bytes = store.objects.borrow()[&binary].clone();
    let binary = binary.replace("prod/", "prod/client/");
    store.objects.borrow_mut().insert(binary.clone(), bytes);
    assert_eq!(get(&store, &binary, None).header("content-type"), Some("application/octet-stream"));
    store.asked.borrow_mut().clear();
    for path in [
        "prod/client/../version.json",
        "prod/client/snapshots/../../version.json",
        "prod/client/snapshots/12-0123456789ABCDEF.json",
        "prod/client/snapshots/12-0123456789abcdef.exe",
        "prod/client/snapshots/-0123456789abcdef.json",
        "prod/client/snapshots/12-0123456789abcdef.json/",
        "%2e%2e/client/version.json",
        "Prod/client/version.json",
        &snapshot.replace("client/", ""),
    ] {
        assert_eq!(get(&store, path, None).status, 404, "{path}");
    }
    assert!(store.asked.borrow().is_empty(), "the store heard of none of them");
}

#[test]
fn what_never_changes_is_fetched_once() {
    let (store, snapshot) = store();
    for _ in 0..3 {
        let response = get(&store, &snapshot, None);
        assert_eq!(response.header("cache-control"), Some("public, max-age=31536000, immutable"));
        let etag = response.header("etag").expect("an entity tag");
        assert_eq!(get(&store, &snapshot, Some(etag)).status, 304);
    }
    assert_eq!(store.times_asked(&snapshot), 1);
}

#[test]
fn the_pointer_is_a_second_old_at_most_unless_the_store_is_away() {
    let (store, _) = store();
    let version = |store: &Scripted| body(&get(store, POINTER, None))["version"].clone();
    assert_eq!(version(&store), 7);
    publish(&store, 8);
    assert_eq!(version(&store), 7);
    assert_eq!(store.times_asked(POINTER), 1, "a second of requests is one question to the store");
    store.wait(Duration::from_secs(1));
    assert_eq!(version(&store), 8);
    store.wait(INTERVAL);
    store.fails.set(Some(FetchError::Unreachable));
    assert_eq!(version(&store), 8, "the last good one");
}

#[test]
fn the_pointer_neither_goes_back_nor_waits_for_a_store_that_is_away() {
    let (store, _) = store();
    let reader = store.reader();
    let url = format!("/{POINTER}");
    let asked = request("GET", &url);
    let settings = settings(false);
    let version = || {
        let Call::Passthrough(call) = route(&settings, &asked) else { panic!("not passed through") };
        body(&block_on(call.answer(&reader, &asked)))["version"].clone()
    };
    publish(&store, 8);
    assert_eq!(version(), 8);
    store.wait(INTERVAL);
    publish(&store, 6);
    assert_eq!(version(), 8, "a stale replica");

    store.wait(INTERVAL);
    store.fails.set(Some(FetchError::TimedOut));
    block_on(reader.refresh_due("prod"));
    let before = store.asked.borrow().len();
    for _ in 0..3 {
        store.wait(Duration::from_secs(1));
        assert_eq!(version(), 8);
    }
    assert_eq!(store.asked.borrow().len(), before, "nobody waits for what just failed");
}

#[test]
fn made_up_names_do_not_reach_the_store_through_this_door_either() {
    let (store, _) = store();
    let (reader, settings) = (store.reader(), settings(false));
    for number in 0..1000 {
        let url = format!("/name-{number}/client/version.json");
        let asked = request("GET", &url);
        let Call::Passthrough(call) = route(&settings, &asked) else { panic!("not passed through") };
        assert!([404, 503].contains(&block_on(call.answer(&reader, &asked)).status));
    }
    assert!(store.asked.borrow().len() <= 256, "{} questions", store.asked.borrow().len());
}

#[test]
fn weak_tags_match_too() {
    let (store, snapshot) = store();
    let etag = get(&store, &snapshot, None).header("etag").expect("an entity tag").to_owned();
    assert_eq!(get(&store, &snapshot, Some(&format!("W/{etag}"))).status, 304);
}

#[test]
fn rubbish_is_neither_passed_on_nor_kept() {
    let (store, snapshot) = store();
    let good = store.objects.borrow()[&snapshot].clone();
    store.objects.borrow_mut().insert(snapshot.clone(), b"rubbish".to_vec());
    store.objects.borrow_mut().insert(POINTER.into(), b"<html>".to_vec());
    assert_eq!(get(&store, &snapshot, None).status, 503);
    assert_eq!(get(&store, POINTER, None).status, 503);
    store.objects.borrow_mut().insert(snapshot.clone(), good.clone());
    assert_eq!(get(&store, &snapshot, None).body, good);
}
