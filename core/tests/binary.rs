//! The binary form says what the document says, and anything else is refused.
#![cfg(not(target_arch = "wasm32"))]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use lotwise_core::{BINARY_FORMAT, Context, Fault, MAX_BINARY_BYTES, Snapshot, Sticky, Subject};
use support::{about_subject, assert_same};

/// Something of everything, sound or not.
const DOCUMENT: &[u8] = include_bytes!("binary/document.json");

const CONTEXTS: [&str; 4] = [
    "{}",
    r#"{"plan":"pro","age":33.5,"company":{"id":42},"email":"me@example.com","seen":"2026-06-01","app":"1.2.3"}"#,
    r#"{"plan":"ops","company.id":"c","email":"Ω@example.COM","seen":-0.5,"tags":["GOLD",{"k":1}],"app":"v1"}"#,
    r#"{"cart":{"a":null,"b":[true,false,{"c":0}],"ü":"x"},"plan":["x"],"age":4,"left":1}"#,
];

fn with_subjects(mut each: impl FnMut(&Subject<'_>)) {
    let sticky: Sticky = [("sibling".to_string(), "on".to_string())].into();
    for context in CONTEXTS {
        let context = Context::from_json(context).expect("a context");
        for key in ["user-1", "user-2", "user-3", "user-4", "user-5"] {
            let subject = Subject::new(key, &context).expect("a subject");
            each(&subject);
            each(&subject.with_sticky(&sticky));
        }
    }
}

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/binary/{BINARY_FORMAT}.bin"))
}

/// Also in builds without regular expressions, from what builds with them have written.
#[test]
fn the_sample_answers_like_its_document() {
    let document = Snapshot::load(DOCUMENT).expect("a document");
    let sample = fs::read(sample()).expect("the sample");
    let restored = Snapshot::from_binary(&sample).expect("the sample is sound");
    with_subjects(|subject| assert_same(&document, &restored, subject));
    assert_eq!(restored.faults(), &[], "the form does not carry them");
}

#[test]
#[cfg_attr(not(feature = "regex"), ignore = "builds without regular expressions write less")]
fn the_layout_changes_only_with_its_name() {
    let written = Snapshot::load(DOCUMENT).expect("a document").to_binary();
    if std::env::var_os("LOTWISE_WRITE_SAMPLE").is_some() {
        fs::write(sample(), &written).expect("writing the sample");
    }
    assert!(
        fs::read(sample()).is_ok_and(|known| known == written),
        "the binary form of tests/binary/document.json is not what {BINARY_FORMAT} was until now. Readers take \
         what has that name: give BINARY_FORMAT another one, run this test with LOTWISE_WRITE_SAMPLE=1, and \
         replace the old sample by the new one"
    );
}

#[test]
fn what_is_read_is_written_again() {
    let written = Snapshot::load(DOCUMENT).expect("a document").to_binary();
    let again = Snapshot::load(DOCUMENT).expect("a document").to_binary();
    assert_eq!(written, again);
    let restored = Snapshot::from_binary(&written).expect("it was just written");
    assert_eq!(restored.to_binary(), written);
}

#[test]
fn what_is_cut_off_or_goes_on_is_refused() {
    let written = Snapshot::load(DOCUMENT).expect("a document").to_binary();
    for length in 0..written.len() {
        assert!(Snapshot::from_binary(&written[..length]).is_err(), "{length} bytes");
    }
    let longer = [written.as_slice(), b"\0"].concat();
    assert_eq!(refusal(&longer), "bytes behind the end");
}

/// A change that is accepted is one of meaning: it is evaluated like any other snapshot.
#[test]
fn every_changed_byte_is_refused_or_harmless() {
    let mut bytes = fs::read(sample()).expect("the sample");
    let mut refusals = BTreeSet::new();
    let context = Context::from_json(CONTEXTS[1]).expect("a context");
    let subject = Subject::new("user-1", &context).expect("a subject");
    for place in 0..bytes.len() {
        for change in [0x01, 0x14, 0x80] {
            bytes[place] ^= change;
            match Snapshot::from_binary(&bytes) {
                Ok(snapshot) => {
                    about_subject(&snapshot, &subject);
                    assert_eq!(snapshot.to_binary(), bytes, "byte {place} changed by {change}");
                }
                Err(fault) => drop(refusals.insert(fault.detail)),
            }
            bytes[place] ^= change;
        }
    }
    let refusals: Vec<&str> = refusals.iter().map(String::as_str).collect();
    if cfg!(feature = "regex") {
        assert_eq!(refusals, REFUSALS, "each of the reader's rules had something to refuse");
    }
}

const REFUSALS: &[&str] = &[
    "a condition of an unknown kind",
    "a condition that refers to nothing",
    "a group or holdout that is none",
    "a number that is not finite",
    "a prerequisite that refers to nothing",
    "a row of an unknown kind",
    "a rule that refers to nothing",
    "a string that stands twice",
    "a value nested too deep",
    "a value of an unknown kind",
    "a variant without its texts",
    "an expression that cannot be read",
    "an object whose keys are not in order",
    "an unsound experiment",
    "attributes that stand twice, or without user_key as the first",
    "bytes behind the end",
    "cut off",
    "experiments that are not in order",
    "no instant",
    "no version",
    "rows without an owner, or owners without rows",
    "segments that lead back to themselves, or through too many others",
    "text that is not UTF-8",
    "this reader does not know the format",
];

#[test]
fn other_formats_and_sizes_are_refused() {
    let code = |bytes: &[u8]| Snapshot::from_binary(bytes).map_err(|fault| fault.code).err();
    assert_eq!(code(b""), Some("unknown_binary_format"));
    assert_eq!(code(DOCUMENT), Some("unknown_binary_format"));
    assert_eq!(code(format!("{BINARY_FORMAT}0\0").as_bytes()), Some("unknown_binary_format"));
    assert_eq!(code(format!("{BINARY_FORMAT}\0").as_bytes()), Some("invalid_binary"));
    assert_eq!(code(&vec![0; MAX_BINARY_BYTES + 1]), Some("binary_too_large"));
}

#[track_caller]
fn refusal(bytes: &[u8]) -> String {
    Snapshot::from_binary(bytes).map_err(|Fault { detail, .. }| detail).expect_err("refused")
}
