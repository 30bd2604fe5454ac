//! The check before publishing names every fault with its place.
#![cfg(not(target_arch = "wasm32"))]

use lotwise_core::{Context, Evaluation, Reason, Scratch, Snapshot, Subject, check};
use serde_json::{Value, json};

fn experiment(key: &str) -> Value {
    json!({"id": "i", "key": key, "status": "RUNNING", "salt": format!("salt of {key}"), "hash": "murmur3",
        "variants": [{"id": "1", "key": "on"}], "allocations": [{"variant": "on", "range_start": 0, "range_end": 99}]})
}

fn with(mut experiment: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().expect("an object") {
        experiment[name] = value.clone();
    }
    experiment
}

fn faults_of(experiments: &Value, segments: &Value) -> Vec<(String, &'static str)> {
    let document = json!({"schema_version": 1, "environment": "prod", "version": 1,
        "published_at": "2026-11-21T10:00:00Z", "segments": segments, "experiments": experiments});
    check(document.to_string().as_bytes()).into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

#[track_caller]
fn expect(experiments: &Value, expected: &[(&str, &str)]) {
    let faults = faults_of(experiments, &json!({}));
    let faults: Vec<(&str, &str)> = faults.iter().map(|(pointer, code)| (pointer.as_str(), *code)).collect();
    assert_eq!(faults, expected);
}

#[test]
fn a_sound_document_has_no_faults() {
    expect(&json!([experiment("a"), experiment("b")]), &[]);
}

#[test]
fn all_faults_are_found_at_once() {
    let broken = with(
        experiment("a b"),
        &json!({
            "hash": "md5",
            "sticky": "yes",
            "colour": "red",
            "allocations": [{"variant": "on", "range_start": 5, "range_end": 4}, {"variant": "off", "range_start": 0, "range_end": 10_000}],
            "targeting_rules": [{"conditions": [
                {"attribute": "a", "operator": "in", "value": "x"},
                {"attribute": "a", "operator": "near", "value": 1},
                {"attribute": "a", "operator": "gt", "value": 1, "ignore_case": true},
                {"attribute": "a", "operator": "matches", "value": "("},
                {"attribute": "a", "operator": "before", "value": "tomorrow"},
                {"attribute": "a", "operator": "semverGt", "value": "1.2"},
                {"attribute": "a", "operator": "eq"},
                {"operator": "inSegment", "value": "ghosts"},
                {"attribute": "a", "operator": "eq", "value": 1, "negate": true}
            ]}],
            "rules": [{"conditions": []}, {"conditions": [], "variant": "off"}]
        }),
    );
    expect(
        &json!([broken]),
        &[
            ("/experiments/0/colour", "unknown_field"),
            ("/experiments/0/hash", "unknown_hash"),
            ("/experiments/0/sticky", "wrong_type"),
            ("/experiments/0/allocations/0", "reversed_range"),
            ("/experiments/0/allocations/1/variant", "unknown_variant"),
            ("/experiments/0/allocations/1/range_end", "out_of_range"),
            ("/experiments/0/targeting_rules/0/conditions/0/value", "not_an_array"),
            ("/experiments/0/targeting_rules/0/conditions/1/operator", "unknown_operator"),
            ("/experiments/0/targeting_rules/0/conditions/2/ignore_case", "ignore_case_not_allowed"),
            ("/experiments/0/targeting_rules/0/conditions/3/value", "invalid_expression"),
            ("/experiments/0/targeting_rules/0/conditions/4/value", "invalid_date"),
            ("/experiments/0/targeting_rules/0/conditions/5/value", "invalid_version"),
            ("/experiments/0/targeting_rules/0/conditions/6/value", "missing_value"),
            ("/experiments/0/targeting_rules/0/conditions/7/value", "unknown_segment"),
            ("/experiments/0/targeting_rules/0/conditions/8/negate", "unknown_field"),
            ("/experiments/0/rules/0", "variant_or_allocations"),
            ("/experiments/0/rules/1/variant", "unknown_variant"),
            ("/experiments/0/key", "invalid_key"),
        ],
    );
}

#[test]
fn expressions_are_limited_when_written_and_not_when_read() {
    let condition = json!({"attribute": "a", "operator": "matches", "value": "\\w{120}"});
    let large = with(experiment("a"), &json!({"targeting_rules": [{"conditions": [condition]}]}));
    expect(
        &json!([large]),
        &[("/experiments/0/targeting_rules/0/conditions/0/value", "expression_too_large")],
    );
    let document = json!({"schema_version": 1, "environment": "prod", "version": 1,
        "published_at": "2026-11-21T10:00:00Z", "experiments": [large]});
    let snapshot = Snapshot::load(document.to_string().as_bytes()).expect("a document");
    assert_eq!(snapshot.faults(), &[]);
}

#[test]
fn salts_are_distinct() {
    let group = json!({"key": "g", "salt": "salt of a", "ranges": []});
    expect(
        &json!([
            experiment("a"),
            with(experiment("b"), &json!({"salt": "salt of a"})),
            with(experiment("c"), &json!({"group": group}))
        ]),
        &[("/experiments/1/salt", "duplicate_salt"), ("/experiments/2/group/salt", "duplicate_salt")],
    );
}

#[test]
fn a_group_shares_out_its_buckets() {
    let member = |key: &str, salt: &str, start: u16| {
        let ranges = json!([{"range_start": start, "range_end": start + 99}]);
        with(experiment(key), &json!({"group": {"key": "g", "salt": salt, "ranges": ranges}}))
    };
    expect(&json!([member("a", "s", 0), member("b", "s", 100)]), &[]);
    let everyone = |key: &str| {
        let ranges = json!([{"range_start": 0, "range_end": 9999}]);
        with(experiment(key), &json!({"group": {"key": "g", "salt": "s", "ranges": ranges}}))
    };
    expect(&json!([everyone("a"), everyone("b")]), &[]);
    expect(
        &json!([everyone("a"), member("b", "s", 100)]),
        &[("/experiments/1/group/ranges", "overlapping_ranges")],
    );
    expect(
        &json!([member("a", "s", 0), member("b", "s", 50), member("c", "t", 900)]),
        &[("/experiments/1/group/ranges", "overlapping_ranges"), ("/experiments/2/group", "group_differs")],
    );
}

#[test]
fn prerequisites_end() {
    let needs = |key: &str, other: &str| {
        with(experiment(key), &json!({"prerequisites": [{"experiment": other, "variants": ["on"]}]}))
    };
    expect(&json!([needs("a", "b"), experiment("b"), needs("c", "absent")]), &[]);
    expect(
        &json!([needs("a", "b"), needs("b", "a")]),
        &[
            ("/experiments/0/prerequisites", "endless_prerequisites"),
            ("/experiments/1/prerequisites", "endless_prerequisites"),
        ],
    );
    let chain = |length: usize| -> Value {
        (0..=length)
            .map(|place| match place == length {
                true => experiment(&format!("e{place:02}")),
                false => needs(&format!("e{place:02}"), &format!("e{:02}", place + 1)),
            })
            .collect()
    };
    expect(&chain(32), &[]);
    expect(&chain(33), &[("/experiments/0/prerequisites", "endless_prerequisites")]);
}

#[test]
fn segments_end() {
    let leads_to = |name: &str| json!([{"conditions": [{"operator": "inSegment", "value": name}]}]);
    let segments = json!({"a": leads_to("b"), "b": leads_to("a"), "c": leads_to("ghost"), "d": []});
    assert_eq!(
        faults_of(&json!([]), &segments),
        [
            ("/segments/c/0/conditions/0/value".to_string(), "unknown_segment"),
            ("/segments/a".to_string(), "segment_not_evaluable"),
            ("/segments/b".to_string(), "segment_not_evaluable"),
        ]
    );
}

#[test]
fn of_repeated_names_the_last_counts_and_none_may_be_written() {
    let segments = r#"{"a":[],"a":[{"conditions":[]}],"b":[{"conditions":[]}]}"#;
    let overrides = r#"{"u":"on","u":"off"}"#;
    let document = format!(
        r#"{{"schema_version":1,"environment":"e","version":1,"published_at":"2026-01-01","segments":{segments},
        "experiments":[{{"id":"i","key":"k","status":"RUNNING","salt":"s","hash":"murmur3","overrides":{overrides},
        "variants":[{{"id":"1","key":"on"}},{{"id":"2","key":"off"}}],
        "allocations":[{{"variant":"on","range_start":0,"range_end":9999}}],
        "targeting_rules":[{{"conditions":[{{"operator":"inSegment","value":"a"}},{{"operator":"inSegment","value":"b"}}]}}]}}]}}"#
    );
    let codes: Vec<_> = check(document.as_bytes()).into_iter().map(|it| (it.pointer, it.code)).collect();
    let repeated = |pointer: &str| (pointer.to_string(), "duplicate_field");
    assert_eq!(codes, [repeated("/segments/a"), repeated("/experiments/0/overrides")]);

    let snapshot = Snapshot::load(document.as_bytes()).expect("a document");
    let experiment = snapshot.experiment("k").expect("the experiment");
    let context = Context::default();
    let decide = |user_key: &str| {
        let subject = Subject::new(user_key, &context).expect("a subject");
        let mut scratch = Scratch::new();
        let decision = Evaluation::new(&snapshot, &subject, &mut scratch).decide(experiment);
        (decision.reason, snapshot.variant(decision).map(|variant| variant.key))
    };
    assert_eq!(decide("u"), (Reason::Override, Some("off")));
    assert_eq!(decide("v"), (Reason::Split, Some("on")));
}

#[test]
fn documents_as_a_whole() {
    let codes =
        |document: &str| check(document.as_bytes()).into_iter().map(|fault| fault.code).collect::<Vec<_>>();
    assert_eq!(codes(""), ["not_json"]);
    assert_eq!(codes("[]"), ["wrong_type"]);
    assert_eq!(codes("{}"), ["missing"; 5]);
    assert_eq!(codes(&" ".repeat((32 << 20) + 1)), ["document_too_large"]);
    expect(
        &json!([experiment("b"), experiment("a"), experiment("b")]),
        &[("/experiments/2/key", "duplicate_key"), ("/experiments", "not_sorted")],
    );
}
