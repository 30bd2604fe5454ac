//! Deciding allocates nothing per experiment: counted, not assumed.
#![cfg(not(target_arch = "wasm32"))]

use allocation_counter::measure;
use lotwise_core::{Context, Evaluation, Scratch, Snapshot, Subject, push_assignments};
use serde_json::{Value, json};

/// Experiments with targeting, roll-outs, gates and prerequisites.
fn snapshot(experiments: usize) -> Snapshot {
    let experiment = |place: usize| -> Value {
        let needs = if place == 0 {
            json!([])
        } else {
            json!([{"experiment": format!("e{:04}", place - 1), "variants": ["on", "off"]}])
        };
        json!({"id": "id", "key": format!("e{place:04}"), "status": "RUNNING", "salt": format!("salt {place}"), "hash": "murmur3",
            "variants": [{"id": "1", "key": "on", "payload": {"color": "#00cc66"}}, {"id": "2", "key": "off"}],
            "allocations": [{"variant": "on", "range_start": 0, "range_end": 4999}, {"variant": "off", "range_start": 5000, "range_end": 9999}],
            "targeting_rules": [{"conditions": [
                {"attribute": "country", "operator": "in", "value": ["NZ", format!("C{place}")]},
                {"attribute": "plan", "operator": "eq", "value": "PRO", "ignore_case": true},
                {"attribute": "app.version", "operator": "semverGte", "value": "1.2.3-rc.1"},
                {"attribute": "seen", "operator": "after", "value": "2026-01-01"},
                {"operator": "inSegment", "value": "beta"}
            ]}],
            "rules": [{"conditions": [{"attribute": "age", "operator": "gt", "value": 1000 + place}], "variant": "on"}],
            "overrides": {"someone": "on"},
            "prerequisites": needs,
            "holdouts": [{"key": "h", "salt": "h", "bucket_by": "account", "ranges": []}],
            "group": {"key": format!("g{place}"), "salt": format!("g{place}"), "ranges": [{"range_start": 0, "range_end": 9999}]}})
    };
    let document = json!({"schema_version": 1, "environment": "prod", "version": 1, "published_at": "2026-01-01T00:00:00Z",
        "segments": {"beta": [{"conditions": [{"attribute": "email", "operator": "endsWith", "value": "@EXAMPLE.com", "ignore_case": true}]}]},
        "experiments": (0..experiments).map(experiment).collect::<Value>()});
    let snapshot = Snapshot::load(document.to_string().as_bytes()).expect("a document");
    assert_eq!(snapshot.faults(), &[]);
    snapshot
}

#[test]
fn a_binary_form_reserves_no_more_than_it_holds() {
    let mut bytes = snapshot(10).to_binary();
    let bound = 16 * bytes.len() as u64;
    for place in 0..bytes.len() - 4 {
        let kept: [u8; 4] = bytes[place..place + 4].try_into().expect("four bytes");
        // Whatever number stands here is now enormous.
        bytes[place..place + 4].fill(0xff);
        let counted = measure(|| drop(Snapshot::from_binary(&bytes)));
        assert!(counted.bytes_max < bound, "{} bytes after changing byte {place}", counted.bytes_max);
        bytes[place..place + 4].copy_from_slice(&kept);
    }
}

const CONTEXT: &str = r#"{"country":"NZ","plan":"pro","age":33,"app":{"version":"1.2.3"},"seen":"2026-06-01T00:00:00Z",
    "email":"Me@Example.COM","account":42}"#;

#[test]
fn deciding_allocates_nothing_once_the_scratch_has_grown() {
    let context = Context::from_json(CONTEXT).expect("a context");
    let subject = Subject::new("user-123", &context).expect("a subject");
    for experiments in [1, 10, 100, 1000] {
        let snapshot = snapshot(experiments);
        let mut scratch = Scratch::new();
        let mut answer = Vec::with_capacity(1 << 20);
        let mut decide_all = || {
            answer.clear();
            let mut evaluation = Evaluation::new(&snapshot, &subject, &mut scratch);
            push_assignments(&mut answer, &mut evaluation, snapshot.experiments());
        };
        decide_all();
        let counted = measure(decide_all);
        assert_eq!(counted.count_total, 0, "{experiments} experiments");
        let assigned = String::from_utf8(answer).expect("JSON").matches("experiment_key").count();
        assert_eq!(assigned, experiments, "every experiment went all the way");
    }
}

#[test]
fn a_fresh_scratch_grows_a_bounded_number_of_times() {
    let context = Context::from_json(CONTEXT).expect("a context");
    let subject = Subject::new("user-123", &context).expect("a subject");
    let first_decision = |experiments| {
        let snapshot = snapshot(experiments);
        measure(|| {
            let mut scratch = Scratch::new();
            let mut evaluation = Evaluation::new(&snapshot, &subject, &mut scratch);
            for experiment in snapshot.experiments() {
                evaluation.decide(experiment);
            }
        })
        .count_total
    };
    assert_eq!(first_decision(1000), first_decision(100));
}
