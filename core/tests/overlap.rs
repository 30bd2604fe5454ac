//! An overlap is what a count of users finds, and none where it is proven.
#![cfg(all(feature = "preview", not(target_arch = "wasm32")))]

use lotwise_core::overlap::{Exclusion, Fraction, Overlap, OverlapKind, overlap, overlaps};
use lotwise_core::{Context, Evaluation, Scratch, Snapshot, Subject};
use serde_json::{Value, json};

fn experiment(key: &str, more: &Value) -> Value {
    let mut experiment = json!({"id": key, "key": key, "status": "RUNNING", "salt": key, "hash": "murmur3",
        "variants": [{"id": "1", "key": "on"}], "allocations": [allocation(0, 4999)]});
    for (name, value) in more.as_object().expect("members") {
        experiment[name] = value.clone();
    }
    experiment
}

fn allocation(start: u16, end: u16) -> Value {
    json!({"variant": "on", "range_start": start, "range_end": end})
}

fn layer(key: &str, start: u16, end: u16) -> Value {
    json!({"key": key, "salt": format!("salt of {key}"), "ranges": [{"range_start": start, "range_end": end}]})
}

fn snapshot(a: &Value, b: &Value) -> Snapshot {
    let document = json!({"schema_version": 1, "environment": "e", "version": 1, "published_at": "2026-01-01T00:00:00Z",
        "segments": {"all": [{"conditions": []}]}, "experiments": [experiment("a", a), experiment("b", b)]});
    Snapshot::load(document.to_string().as_bytes()).expect("a document")
}

fn between(a: &Value, b: &Value) -> Overlap {
    let snapshot = snapshot(a, b);
    let [a, b] = ["a", "b"].map(|key| snapshot.experiment(key).expect("it is there"));
    let told = overlap(&snapshot, a, b).expect("both run");
    assert_eq!(overlaps(&snapshot).collect::<Vec<_>>(), std::slice::from_ref(&told));
    told
}

/// The share of users who are in both, by counting.
fn counted(a: &Value, b: &Value) -> f64 {
    let snapshot = snapshot(a, b);
    let context = Context::default();
    let mut both = 0;
    let mut scratch = Scratch::new();
    for number in 0..40_000 {
        let key = format!("user-{number}");
        let subject = Subject::new(&key, &context).expect("a subject");
        let mut evaluation = Evaluation::new(&snapshot, &subject, &mut scratch);
        both += u32::from(snapshot.experiments().all(|id| evaluation.decide(id).variant.is_some()));
    }
    f64::from(both) / 40_000.0
}

#[test]
fn what_is_told_is_what_counting_finds() {
    for (a, b, kind, (numerator, denominator)) in [
        (json!({}), json!({}), OverlapKind::Independent, (1, 4)),
        (json!({}), json!({"allocations": [allocation(0, 9999)]}), OverlapKind::Exact, (1, 2)),
        (
            json!({"salt": "s"}),
            json!({"salt": "s", "allocations": [allocation(2500, 9999)]}),
            OverlapKind::Exact,
            (1, 4),
        ),
        (
            json!({"salt": "s", "hash": "fnv1a64"}),
            json!({"salt": "s", "hash": "fnv1a64"}),
            OverlapKind::Exact,
            (1, 2),
        ),
        (json!({"hash": "fnv1a64"}), json!({}), OverlapKind::Independent, (1, 4)),
        // A holdout that both have takes its share once.
        (
            json!({"holdouts": [layer("h", 0, 4999)]}),
            json!({"holdouts": [layer("h", 0, 4999)]}),
            OverlapKind::Independent,
            (1, 8),
        ),
        (
            json!({"holdouts": [layer("h", 0, 4999)]}),
            json!({"holdouts": [layer("i", 0, 4999)]}),
            OverlapKind::Independent,
            (1, 16),
        ),
        (
            json!({"group": layer("g", 0, 7499)}),
            json!({"group": layer("g", 5000, 9999)}),
            OverlapKind::Independent,
            (1, 16),
        ),
        (
            json!({"group": layer("g", 0, 9999)}),
            json!({"group": layer("g", 0, 9999)}),
            OverlapKind::Independent,
            (1, 4),
        ),
    ] {
        let told = between(&a, &b);
        assert_eq!(
            (told.kind, told.reason, told.fraction),
            (kind, None, Some(Fraction { numerator, denominator })),
            "{a} {b}"
        );
        let found = counted(&a, &b);
        assert!((told.share - found).abs() < 0.01, "{a} {b}: told {}, found {found}", told.share);
    }
    let fnv = json!({"hash": "fnv1a64"});
    assert_eq!(between(&fnv, &fnv).kind, OverlapKind::NotGuaranteed);
    let one_salt = between(&json!({"salt": "s"}), &json!({"salt": "s", "bucket_by": "company"}));
    assert_eq!(one_salt.kind, OverlapKind::NotGuaranteed);
}

#[test]
fn exclusion_is_proven_where_it_holds() {
    let eq = |value: &str| json!({"attribute": "country", "operator": "eq", "value": value});
    let is_in = |values: &[&str]| json!({"attribute": "country", "operator": "in", "value": values});
    let targeting = |rules: &[Value]| json!({"targeting_rules": rules.iter().map(|it| json!({"conditions": [it]})).collect::<Vec<_>>()});
    for (a, b, reason) in [
        (json!({"group": layer("g", 0, 4999)}), json!({"group": layer("g", 5000, 9999)}), Exclusion::Group),
        (
            json!({"salt": "s"}),
            json!({"salt": "s", "allocations": [allocation(5000, 9999)]}),
            Exclusion::Buckets,
        ),
        (json!({"allocations": []}), json!({}), Exclusion::NoTraffic),
        (json!({"holdouts": [layer("h", 0, 9999)]}), json!({}), Exclusion::NoTraffic),
        (
            targeting(&[eq("NZ"), eq("AU")]),
            targeting(&[is_in(&["US", "CA"]), eq("DE")]),
            Exclusion::Targeting,
        ),
    ] {
        let told = between(&a, &b);
        assert_eq!((told.kind, told.reason), (OverlapKind::Exclusive, Some(reason)), "{a} {b}");
        assert!(told.share.abs() < f64::EPSILON);
        assert!(counted(&a, &b).abs() < f64::EPSILON);
    }
    // Not proven: an attribute may be a list, one pair of rules may hold, a segment may be anything.
    for (a, b) in [
        (targeting(&[is_in(&["NZ"])]), targeting(&[is_in(&["US"])])),
        (targeting(&[eq("NZ"), eq("AU")]), targeting(&[eq("US"), eq("AU")])),
        (targeting(&[eq("NZ")]), targeting(&[json!({"operator": "inSegment", "value": "all"})])),
        (targeting(&[eq("NZ")]), json!({})),
    ] {
        assert_eq!(between(&a, &b).reason, None, "{a} {b}");
    }
}

#[test]
fn what_passes_by_the_gates_is_named() {
    let told = between(
        &json!({"group": layer("g", 0, 4999), "sticky": true, "overrides": {"u": "on"}}),
        &json!({"group": layer("g", 5000, 9999), "rules": [{"conditions": [], "variant": "on"}]}),
    );
    assert_eq!((told.kind, told.exceptions), (OverlapKind::Exclusive, vec!["overrides", "rules", "sticky"]));
}

#[test]
fn only_what_runs_overlaps() {
    let concluded = snapshot(&json!({"status": "CONCLUDED", "winner": "on"}), &json!({}));
    assert_eq!(overlaps(&concluded).count(), 0);
    let unsupported = snapshot(&json!({"requires": ["telepathy"]}), &json!({}));
    assert_eq!(overlaps(&unsupported).count(), 0);
}
