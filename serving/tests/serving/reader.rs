//! When a reader looks at the store, and what it believes.

use core::time::Duration;
use std::future::Future as _;
use std::pin::pin;
use std::task::{Context, Waker};

use futures_executor::block_on;
use futures_util::future::join_all;
use lotwise_serving::{FetchError, Found, Kept, Object, Pointer, Reader, is_servable_environment};
use serde_json::Value;

use crate::scripted::{INTERVAL, POINTER, Scripted};

fn version(reader: &Reader<&Scripted>) -> Option<u64> {
    match block_on(reader.find("prod")) {
        Found::Held(published) => Some(published.snapshot().version()),
        Found::Absent | Found::Unavailable => None,
    }
}

fn path_of(pointer: &Pointer) -> String {
    pointer.forms().map(|form| form.path().to_owned()).next().expect("the document is always there")
}

fn prod(reader: &Reader<&Scripted>) -> Value {
    reader.health()["environments"]["prod"].clone()
}

#[test]
fn a_held_snapshot_is_served_and_looked_after_once_per_interval() {
    let store = Scripted::with_prod();
    let reader = store.reader();
    assert_eq!(version(&reader), Some(7));
    store.publish(8);
    for _ in 0..100 {
        assert!(!reader.is_due("prod"));
        assert_eq!(version(&reader), Some(7), "no request waits for a look");
    }
    assert_eq!(store.times_asked(POINTER), 1);
    store.wait(INTERVAL);
    assert!(reader.is_due("prod"));
    block_on(join_all((0..10).map(|_| reader.refresh_due("prod"))));
    assert_eq!(store.times_asked(POINTER), 2, "ten due refreshes are one look");
    assert_eq!(version(&reader), Some(8));
}

#[test]
fn those_who_come_while_nothing_is_held_share_one_look() {
    let store = Scripted::with_prod();
    let reader = store.reader();
    let found = block_on(join_all((0..50).map(|_| reader.find("prod"))));
    assert!(found.iter().all(|found| matches!(found, Found::Held(_))));
    assert_eq!(store.asked.borrow().len(), 2, "version.json and the snapshot");
}

#[test]
fn a_flood_of_absent_names_reaches_the_store_once_per_interval_and_name() {
    let store = Scripted::with_prod();
    let reader = store.reader();
    for _ in 0..2 {
        for _ in 0..100 {
            assert!(matches!(block_on(reader.find("nowhere")), Found::Absent));
        }
        store.wait(INTERVAL);
    }
    assert_eq!(store.times_asked("nowhere/version.json"), 2);

    let before = store.asked.borrow().len();
    for impossible in ["Prod", "../prod", "decide", "", "a/b", "%2e"] {
        assert!(!is_servable_environment(impossible));
        assert!(matches!(block_on(reader.find(impossible)), Found::Absent));
    }
    assert_eq!(store.asked.borrow().len(), before, "impossible names are not asked for");
}

#[test]
fn a_flood_of_many_names_has_a_bound_too() {
    let store = Scripted::with_prod();
    let reader = store.reader();
    assert_eq!(version(&reader), Some(7));
    store.asked.borrow_mut().clear();
    let flood = |round: usize| {
        for number in 0..1000 {
            let found = block_on(reader.find(&format!("name-{round}-{number}")));
            assert!(!matches!(found, Found::Held(_)));
        }
        store.asked.borrow().len()
    };
    let bound = flood(0);
    assert!((200..=300).contains(&bound), "{bound} questions");
    // All that asking took time.
    store.now.set(Duration::ZERO);
    assert_eq!(flood(0), bound, "none of them is asked for twice within the interval");
    assert!(
        matches!(block_on(reader.find("name-0-999")), Found::Unavailable),
        "not looked up, so not absent"
    );
    assert_eq!(version(&reader), Some(7), "what is held is not forgotten for them");
    store.wait(INTERVAL * 2);
    assert!(flood(1) > bound, "others have their turn later");
    let remembered = reader.health()["environments"].as_object().expect("an object").len();
    assert!(remembered <= 300, "{remembered} names are remembered");
}

#[test]
fn whatever_is_wrong_with_the_store_the_last_good_snapshot_is_served() {
    type Break = fn(&Scripted);
    let breaks: [(&str, Break); 8] = [
        ("time", |store| store.fails.set(Some(FetchError::TimedOut))),
        ("reached", |store| store.fails.set(Some(FetchError::Unreachable))),
        ("503", |store| store.fails.set(Some(FetchError::Status(503)))),
        ("gone", |store| store.objects.borrow_mut().clear()),
        ("not a pointer", |store| {
            store.objects.borrow_mut().insert(POINTER.into(), b"<html>".to_vec());
        }),
        ("older", |store| store.publish(6)),
        ("not at the store", |store| {
            store.publish(8);
            store.objects.borrow_mut().retain(|path, _| path == POINTER);
        }),
        ("digest", |store| {
            store.publish(8);
            store
                .objects
                .borrow_mut()
                .values_mut()
                .filter(|bytes| bytes.len() > 1000)
                .for_each(|it| it[50] ^= 1);
        }),
    ];
    for (expected, break_it) in breaks {
        let store = Scripted::with_prod();
        let reader = store.reader();
        assert_eq!(version(&reader), Some(7));
        store.wait(INTERVAL);
        break_it(&store);
        block_on(reader.refresh_due("prod"));
        assert_eq!(version(&reader), Some(7), "{expected}");
        let error = prod(&reader)["last_error"].as_str().unwrap_or_default().to_owned();
        assert!(error.contains(expected), "{expected}: {error}");
        assert_eq!(reader.health()["status"], "degraded");
        assert_eq!(prod(&reader)["age_seconds"], 5, "{expected}");

        store.fails.set(None);
        store.publish(9);
        store.wait(INTERVAL);
        block_on(reader.refresh_due("prod"));
        assert_eq!(version(&reader), Some(9), "{expected}");
        assert_eq!(reader.health()["status"], "ok");
    }
}

#[test]
fn a_store_that_cannot_be_read_is_given_a_rest() {
    let store = Scripted::with_prod();
    store.fails.set(Some(FetchError::Unreachable));
    let reader = store.reader();
    for _ in 0..100 {
        assert!(matches!(block_on(reader.find("prod")), Found::Unavailable));
    }
    assert_eq!(store.times_asked(POINTER), 1);
    assert!(!reader.is_ready());
    store.fails.set(None);
    store.wait(Duration::from_secs(1));
    assert_eq!(version(&reader), Some(7), "a second later it is asked again");
    assert!(reader.is_ready());
}

#[test]
fn those_who_waited_for_a_look_that_timed_out_do_not_look_again() {
    let store = Scripted::with_prod();
    store.fails.set(Some(FetchError::TimedOut));
    store.takes.set(Duration::from_secs(2));
    let reader = store.reader();
    let found = block_on(join_all((0..20).map(|_| reader.find("prod"))));
    assert!(found.iter().all(|found| matches!(found, Found::Unavailable)));
    assert_eq!(store.times_asked(POINTER), 1);
    let found = block_on(join_all((0..20).map(|_| reader.find("elsewhere"))));
    assert!(found.iter().all(|found| matches!(found, Found::Unavailable)));
    assert_eq!(store.times_asked("elsewhere/version.json"), 1);
}

#[test]
fn looking_at_everything_does_not_keep_made_up_names() {
    let store = Scripted::with_prod();
    let reader = store.reader();
    for number in 0..200 {
        block_on(reader.find(&format!("name-{number}")));
    }
    for _ in 0..3 {
        store.wait(INTERVAL);
        store.asked.borrow_mut().clear();
        block_on(reader.refresh_all_due());
        assert!(store.asked.borrow().iter().all(|path| path.starts_with("prod/")), "{:?}", store.asked);
    }
    assert_eq!(reader.health()["environments"].as_object().expect("an object").len(), 1);
}

#[test]
fn no_reader_takes_another_back_through_what_they_share() {
    let mut store = Scripted::with_prod();
    store.has_shelf = true;
    let (one, other) = (store.reader(), store.reader());
    assert_eq!(version(&one), Some(7));
    store.wait(INTERVAL);
    store.publish(8);
    assert_eq!(version(&other), Some(8));
    // A stale replica answers the one that has not seen version 8 yet.
    store.wait(INTERVAL);
    store.publish(7);
    block_on(one.refresh_due("prod"));
    assert_eq!(one.health()["status"], "degraded");
    assert_eq!(version(&store.reader()), Some(8), "the shelf still has it");
    store.wait(INTERVAL);
    block_on(other.refresh_due("prod"));
    assert_eq!(other.health()["status"], "degraded", "what is older confirms nothing");
}

#[test]
fn a_fresh_reader_starts_from_what_was_kept_nearby() {
    let mut store = Scripted::with_prod();
    store.has_shelf = true;
    assert_eq!(version(&store.reader()), Some(7));
    assert_eq!(store.asked.borrow().len(), 2);

    let soon = store.reader();
    assert_eq!(version(&soon), Some(7));
    assert_eq!(store.asked.borrow().len(), 2, "what is recent is not asked for");
    store.wait(INTERVAL);
    assert!(soon.is_due("prod"), "what was kept does not become fresh by being read");

    store.publish(8);
    store.fails.set(Some(FetchError::Unreachable));
    let later = store.reader();
    assert_eq!(version(&later), Some(7), "the store is away");
    assert_eq!(later.health()["status"], "degraded");

    store.fails.set(None);
    store.publish(6);
    assert_eq!(version(&store.reader()), Some(7), "a stale replica does not take a fresh reader back");

    store.publish(8);
    let pointer = Pointer::parse("prod", &store.objects.borrow()[POINTER]).expect("a pointer");
    let rubbish =
        Kept { object: Object { bytes: b"rubbish".to_vec(), etag: None }, stored_at: store.now.get() };
    store.shelf.borrow_mut().insert(format!("prod/{}", path_of(&pointer)), rubbish.clone());
    assert_eq!(version(&store.reader()), Some(8), "a damaged snapshot on the shelf is fetched again");
    store.shelf.borrow_mut().insert(POINTER.into(), rubbish);
    assert_eq!(version(&store.reader()), Some(8), "a damaged pointer on the shelf is fetched again");
}

#[test]
fn the_document_is_read_where_the_binary_form_cannot_be() {
    type Break = fn(&mut Vec<u8>);
    let breaks: [(&str, usize, Option<Break>); 4] = [
        ("sound", 2, Some(|_| {})),
        ("absent", 3, None),
        ("corrupt", 3, Some(|binary| binary[50] ^= 1)),
        ("cut off", 3, Some(|binary| binary.truncate(50))),
    ];
    for (what, asked, break_it) in breaks {
        let store = Scripted::with_prod();
        let binary = store.publish_binary(7);
        match break_it {
            Some(break_it) => break_it(store.objects.borrow_mut().get_mut(&binary).expect("it is there")),
            None => drop(store.objects.borrow_mut().remove(&binary)),
        }
        let reader = store.reader();
        assert_eq!(version(&reader), Some(7), "{what}");
        assert_eq!(store.asked.borrow().len(), asked, "{what}: {:?}", store.asked);
        assert_eq!(reader.health()["status"], "ok", "{what}");
    }
}

#[test]
fn a_look_that_never_ends_is_taken_over() {
    let store = Scripted::with_prod();
    store.hangs.set(true);
    let reader = store.reader();
    let mut stuck = pin!(reader.find("prod"));
    assert!(stuck.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    store.hangs.set(false);
    // Waits as long as a look may take, then looks itself, while the first is still there.
    assert_eq!(version(&reader), Some(7));
    assert!(store.now.get() >= Duration::from_secs(8));
}

#[test]
fn a_look_that_is_dropped_makes_room() {
    let store = Scripted::with_prod();
    store.hangs.set(true);
    let reader = store.reader();
    {
        let mut stuck = pin!(reader.find("prod"));
        assert!(stuck.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    store.hangs.set(false);
    assert_eq!(version(&reader), Some(7));
    assert!(store.now.get() < Duration::from_secs(1));
}

#[test]
fn a_refresh_after_a_publish_does_not_take_an_earlier_look_for_an_answer() {
    let store = Scripted::with_prod();
    let reader = store.reader();
    assert_eq!(version(&reader), Some(7));
    store.publish(8);
    block_on(reader.refresh_now("prod"));
    assert_eq!(version(&reader), Some(8));
}
