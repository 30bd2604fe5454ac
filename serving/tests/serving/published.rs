//! What a reader takes from the store, and what it refuses.

use crate::support::{digest, document, named_binary, pointer_of, published};
use lotwise_core::{MAX_BINARY_BYTES, Snapshot};
use lotwise_serving::{Form, InvalidSnapshot, Pointer, Published, sha256};
use serde_json::{Value, json};

fn load(form: Form<'_>, object: &[u8]) -> Result<Published, InvalidSnapshot> {
    form.load(object, &sha256(object))
}

fn binary() -> Vec<u8> {
    Snapshot::load(&document()).expect("a document").to_binary()
}

#[test]
fn a_pointer_leads_to_its_snapshot_only() {
    let document = document();
    let pointer = Pointer::parse("prod", &pointer_of(&document, &json!({}))).expect("a pointer");
    let [form] = pointer.forms().collect::<Vec<_>>()[..] else { panic!("the document is the only form") };
    assert_eq!(
        (form.path(), form.bytes()),
        (format!("snapshots/7-{}.json", &digest(&document)[..16]).as_str(), document.len())
    );
    assert!(load(form, &document).is_ok());
    let mut corrupt = document.clone();
    corrupt[100] ^= 1;
    assert!(load(form, &corrupt).is_err(), "corrupt");
    assert!(load(form, &document[..document.len() - 1]).is_err(), "truncated");
    assert!(load(form, &[document.as_slice(), b" "].concat()).is_err(), "longer");
    let lies = pointer_of(&document, &json!({"version": 8}));
    assert!(Pointer::parse("prod", &lies).is_err(), "the path does not go with the version");
    let named = String::from_utf8(pointer_of(&document, &json!({})))
        .expect("text")
        .replace("snapshots/7-", "snapshots/8-");
    let named = named.replace("\"version\":7", "\"version\":8");
    let other_version = Pointer::parse("prod", named.as_bytes()).expect("a pointer");
    assert!(
        other_version.forms().all(|form| load(form, &document).is_err()),
        "the version inside is another"
    );
}

#[test]
fn the_binary_form_comes_first_and_is_the_same_snapshot() {
    let (document, binary) = (document(), binary());
    let body = pointer_of(&document, &json!({"binary": named_binary(7, &binary)}));
    let pointer = Pointer::parse("prod", &body).expect("a pointer");
    let [first, last] = pointer.forms().collect::<Vec<_>>()[..] else { panic!("two forms") };
    let (fast, reference) = (load(first, &binary).expect("sound"), load(last, &document).expect("sound"));
    assert_eq!(fast.digest(), reference.digest(), "entity tags are the same on every host");
    assert_eq!(fast.snapshot().version(), 7);
    assert_eq!(fast.snapshot().len(), reference.snapshot().len());
    assert!(load(first, &document).is_err(), "each form is read as what it is");
    assert!(load(last, &binary).is_err());
    assert!(first.load(&binary, &sha256(&document)).is_err(), "the digest is that of the form");
}

#[test]
fn a_binary_form_of_something_else_is_refused() {
    let other = String::from_utf8(document()).expect("text").replace("\"version\":7", "\"version\":8");
    let binary = Snapshot::load(other.as_bytes()).expect("a document").to_binary();
    let body = pointer_of(&document(), &json!({"binary": named_binary(7, &binary)}));
    let pointer = Pointer::parse("prod", &body).expect("a pointer");
    assert!(pointer.forms().next().is_some_and(|form| load(form, &binary).is_err()));
}

#[test]
fn a_binary_that_cannot_be_used_is_as_good_as_none() {
    let (document, binary) = (document(), binary());
    let with = |name: &str, value: Value| {
        let mut named = named_binary(7, &binary);
        named[name] = value;
        named
    };
    for unusable in [
        Value::Null,
        json!("snapshots/7.bin"),
        json!([1]),
        json!({}),
        with("format", json!("lotwise-0")),
        with("format", json!(1)),
        with("path", json!("../../etc/passwd")),
        with("path", json!(format!("snapshots/8-{}.bin", &digest(&binary)[..16]))),
        with("path", json!(format!("snapshots/7-{}.json", &digest(&binary)[..16]))),
        with("sha256", json!("abc")),
        with("sha256", json!("Z".repeat(64))),
        with("bytes", json!(-1)),
        with("bytes", json!(MAX_BINARY_BYTES + 1)),
    ] {
        let body = pointer_of(&document, &json!({"binary": unusable}));
        let pointer = Pointer::parse("prod", &body).expect("a pointer");
        assert_eq!(pointer.forms().count(), 1, "{unusable}");
    }
    let mut newer = named_binary(7, &binary);
    newer["compressed"] = json!(false);
    let body = pointer_of(&document, &json!({"binary": newer}));
    assert_eq!(Pointer::parse("prod", &body).expect("a pointer").forms().count(), 2, "unknown members");
}

#[test]
fn pointers_that_lead_elsewhere_are_refused() {
    let document = document();
    for (what, changes) in [
        ("another environment", json!({"environment": "dev"})),
        ("another schema", json!({"schema_version": 2})),
        ("a path outside", json!({"snapshot": "../../etc/passwd"})),
        ("an absolute address", json!({"snapshot": "http://elsewhere.example/x.json"})),
        ("no digest", json!({"sha256": "abc"})),
        ("a digest that is no hex", json!({"sha256": "Z".repeat(64)})),
        ("an enormous object", json!({"bytes": (32 << 20) + 1})),
        ("a version that is no number", json!({"version": "7"})),
    ] {
        assert!(Pointer::parse("prod", &pointer_of(&document, &changes)).is_err(), "{what}");
    }
    assert!(Pointer::parse("prod", b"rubbish").is_err());
}

#[test]
fn versions_only_grow() {
    let held = published();
    let pointer = Pointer::parse("prod", &pointer_of(&document(), &json!({}))).expect("a pointer");
    assert!(pointer.is_beyond(None));
    assert!(!pointer.is_beyond(Some(&held)), "the same version again");
}
