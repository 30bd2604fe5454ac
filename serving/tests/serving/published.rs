//! What a reader takes from the store, and what it refuses.

use crate::support::{document, pointer_of, published};
use lotwise_serving::Pointer;
use serde_json::json;

#[test]
fn a_pointer_leads_to_its_snapshot_only() {
    let document = document();
    let pointer = Pointer::parse("prod", &pointer_of(&document, &json!({}))).expect("a pointer");
    assert!(pointer.load(&document).is_ok());
    let mut corrupt = document.clone();
    corrupt[100] ^= 1;
    assert!(pointer.load(&corrupt).is_err(), "corrupt");
    assert!(pointer.load(&document[..document.len() - 1]).is_err(), "truncated");
    assert!(pointer.load(&[document.as_slice(), b" "].concat()).is_err(), "longer");
    let lies = pointer_of(&document, &json!({"version": 8}));
    assert!(Pointer::parse("prod", &lies).is_err(), "the path does not go with the version");
    let named = String::from_utf8(pointer_of(&document, &json!({})))
        .expect("text")
        .replace("snapshots/7-", "snapshots/8-");
    let named = named.replace("\"version\":7", "\"version\":8");
    let other_version = Pointer::parse("prod", named.as_bytes()).expect("a pointer");
    assert!(other_version.load(&document).is_err(), "the version inside is another");
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
