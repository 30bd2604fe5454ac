//! What crosses the border says what the core says. Runs in Node and in pages.
#![cfg(target_arch = "wasm32")]

use lotwise_core::{Context, Evaluation, Scratch, Subject, explain};
use lotwise_wasm::Snapshot;
use wasm_bindgen_test::wasm_bindgen_test;

const DOCUMENT: &str = r#"{"schema_version":1,"environment":"prod","version":7,
    "published_at":"2026-11-21T10:00:00Z","experiments":[
    {"id":"e1","key":"button","status":"RUNNING","salt":"s1","hash":"murmur3","sticky":true,
     "variants":[{"id":"v1","key":"blue","payload":{"colour":"bleu ciel"}},{"id":"v2","key":"green"}],
     "allocations":[{"variant":"blue","range_start":0,"range_end":4999},
                    {"variant":"green","range_start":5000,"range_end":9999}],
     "targeting_rules":[{"conditions":[{"attribute":"plan","operator":"eq","value":"pro"}]}]},
    {"id":"e2","key":"mail","status":"RUNNING","salt":"s2","hash":"murmur3","bucket_by":"company",
     "variants":[{"id":"v3","key":"on"}],"allocations":[],
     "prerequisites":[{"experiment":"button","variants":["blue"]}],
     "targeting_rules":[{"conditions":[{"attribute":"email","operator":"matches","value":"@example"}]}]}]}"#;

fn loaded() -> Snapshot {
    let binary = lotwise_core::Snapshot::load(DOCUMENT.as_bytes()).expect("a document").to_binary();
    Snapshot::load(&binary).expect("it was just written")
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(&u32::try_from(text.len()).expect("short").to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// A user of the pro plan, in the words of `SubjectState`.
fn encoded(user_key: &str) -> Vec<u8> {
    let mut out = Vec::new();
    text(&mut out, user_key);
    out.extend_from_slice(&[6, 0, 0, 0, 1, 0, 0, 0]);
    text(&mut out, "plan");
    out.extend_from_slice(&[4, 0, 0, 0]);
    text(&mut out, "pro");
    out.extend_from_slice(&[0, 0, 0, 0]);
    out
}

#[wasm_bindgen_test]
fn decisions_are_those_of_the_core() {
    let (snapshot, core) = (loaded(), lotwise_core::Snapshot::load(DOCUMENT.as_bytes()).expect("a document"));
    let context = Context::from_json(r#"{"plan":"pro"}"#).expect("a context");
    for user_key in (0..100).map(|number| format!("user-{number}")) {
        let crossed = snapshot.subject(&encoded(&user_key)).expect("a subject");
        let subject = Subject::new(&user_key, &context).expect("a subject");
        let mut scratch = Scratch::new();
        let mut evaluation = Evaluation::new(&core, &subject, &mut scratch);
        let all = crossed.decide_all();
        for (position, experiment) in core.experiments().enumerate() {
            let decision = evaluation.decide(experiment);
            let variant = decision.variant.map_or(0, |variant| u32::from(variant) + 1);
            assert_eq!(all[position], variant | (decision.reason as u32) << 16, "{user_key}");
            assert_eq!(crossed.decide(position), all[position]);
            assert_eq!(crossed.bucket(position), evaluation.bucket(experiment).unwrap_or(10_000));
        }
    }
}

#[wasm_bindgen_test]
fn experiments_are_found_and_described() {
    let snapshot = loaded();
    assert_eq!((snapshot.environment().as_str(), snapshot.version(), snapshot.count()), ("prod", 7.0, 2));
    assert!(snapshot.wants_full());
    assert_eq!((snapshot.find(b"mail"), snapshot.find(b"mails"), snapshot.find(b"\xff")), (1, 2, 2));
    assert_eq!(
        snapshot.describe(0, 1),
        r#"[{"experiment_key":"button","experiment_id":"e1","sticky":true,"variants":[{"variant_key":"blue","variant_id":"v1","payload":{"colour":"bleu ciel"}},{"variant_key":"green","variant_id":"v2","payload":null}]}]"#
    );
    assert_eq!(snapshot.describe(2, 9), "[]");
    let reads = snapshot.reads(1);
    let (attributes, experiments) = reads[1..].split_at(reads[0]);
    let mut names: Vec<String> = attributes.iter().map(|position| snapshot.attribute(*position)).collect();
    names.sort();
    assert_eq!(names, ["company", "email", "plan"], "its own and those of its prerequisite");
    assert_eq!(experiments, [0, 1]);
}

#[wasm_bindgen_test]
fn what_is_no_subject_or_snapshot_is_undefined() {
    let snapshot = loaded();
    let whole = encoded("user-1");
    for length in 0..whole.len() {
        assert!(snapshot.subject(&whole[..length]).is_none(), "{length} bytes");
    }
    assert!(snapshot.subject(&encoded("")).is_none());
    assert!(snapshot.subject(&encoded(&"x".repeat(513))).is_none());
    assert!(snapshot.subject(&encoded(&"x".repeat(512))).is_some());
    assert!(Snapshot::load(b"lotwise-0\0").is_none());
}

#[wasm_bindgen_test]
fn explanations_cross_as_objects() {
    let snapshot = loaded();
    let subject = snapshot.subject(&encoded("user-1")).expect("a subject");
    let crossed = subject.explain(0).expect("it never fails");
    let get = |name: &str| js_sys::Reflect::get(&crossed, &name.into()).expect("an object");

    let core = lotwise_core::Snapshot::load(DOCUMENT.as_bytes()).expect("a document");
    let context = Context::from_json(r#"{"plan":"pro"}"#).expect("a context");
    let explained =
        explain::explain(&core, &Subject::new("user-1", &context).expect("one"), core.experiments());
    assert_eq!(get("reason").as_string().as_deref(), Some(explained[0].reason));
    assert_eq!(get("variant_key").as_string(), explained[0].variant_key);
    assert_eq!(get("bucket").as_f64(), explained[0].bucket.map(f64::from));
    assert!(subject.explain(2).expect("it never fails").is_undefined());
}
