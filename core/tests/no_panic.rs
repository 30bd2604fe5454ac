//! Nothing that is fed to the core makes it panic, and what it accepts it also explains the same.
#![cfg(not(target_arch = "wasm32"))]

mod support;

use lotwise_core::explain::explain;
use lotwise_core::{
    BINARY_FORMAT, Context, Evaluation, Scratch, Snapshot, Sticky, Subject, check, push_assignments,
};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use support::{about_subject, assert_same};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes(bytes: Vec<u8>) {
        let _ = Snapshot::load(&bytes);
        let _ = check(&bytes);
        let _ = Snapshot::from_binary(&[BINARY_FORMAT.as_bytes(), b"\0", &bytes].concat());
    }

    #[test]
    fn any_changed_binary(
        document in document(),
        changes in prop::collection::vec(any::<(Index, u8)>(), 1..4),
        context in json_value(),
    ) {
        let Ok(snapshot) = Snapshot::load(document.to_string().as_bytes()) else { return Ok(()) };
        let mut bytes = snapshot.to_binary();
        for (place, value) in changes {
            *place.get_mut(&mut bytes) = value;
        }
        let Ok(changed) = Snapshot::from_binary(&bytes) else { return Ok(()) };
        prop_assert_eq!(changed.to_binary(), bytes);
        let context = context.to_string();
        let Ok(context) = Context::from_json(&context) else { return Ok(()) };
        about_subject(&changed, &Subject::new("a", &context).expect("a subject"));
    }

    #[test]
    fn any_document(document in document(), context in json_value(), key in "[a-c]{0,3}", sticky in sticky()) {
        let text = document.to_string();
        let faults = check(text.as_bytes());
        let Ok(snapshot) = Snapshot::load(text.as_bytes()) else {
            prop_assert!(!faults.is_empty(), "what is refused has a fault: {}", text);
            return Ok(());
        };
        prop_assert!(snapshot.faults().is_empty() || !faults.is_empty(), "the check finds what loading finds");
        let context = context.to_string();
        let Ok(context) = Context::from_json(&context) else { return Ok(()) };
        let Ok(subject) = Subject::new(&key, &context) else { return Ok(()) };
        let subject = subject.with_sticky(&sticky);
        let restored = Snapshot::from_binary(&snapshot.to_binary()).expect("what is written can be read");
        assert_same(&snapshot, &restored, &subject);
        let mut scratch = Scratch::new();
        let mut evaluation = Evaluation::new(&snapshot, &subject, &mut scratch);
        let mut answer = Vec::new();
        push_assignments(&mut answer, &mut evaluation, snapshot.experiments());
        prop_assert!(serde_json::from_slice::<Value>(&answer).is_ok());
        // Watching a decision does not change it, nor does asking for one experiment alone.
        for (experiment, explanation) in snapshot.experiments().zip(explain(&snapshot, &subject, snapshot.experiments())) {
            let mut scratch = Scratch::new();
            let alone = Evaluation::new(&snapshot, &subject, &mut scratch).decide(experiment);
            let decision = evaluation.decide(experiment);
            prop_assert_eq!(alone, decision);
            prop_assert_eq!(explanation.reason, decision.reason.name());
            prop_assert_eq!(explanation.bucket, evaluation.bucket(experiment));
        }
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-3_i64..3).prop_map(Value::from),
        "[a-cA-C.0-9ß🙂-]{0,4}".prop_map(Value::from),
        prop::sample::select(vec!["2026-01-02", "1.2.3-rc.1", "a", "RUNNING", "murmur3", "user_key"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-c]{0,1}(\\.[a-c])?", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn sticky() -> impl Strategy<Value = Sticky> {
    prop::collection::btree_map("[a-c]", "[a-c]", 0..3).prop_map(|entries| entries.into_iter().collect())
}

/// A document that is nearly right: each part is now and then replaced by any value.
fn document() -> impl Strategy<Value = Value> {
    let segments = prop::collection::btree_map("[a-c]", rules(), 0..3);
    (prop::collection::vec(spoilt(experiment()), 0..5), segments).prop_map(|(experiments, segments)| {
        json!({"schema_version": 1, "environment": "e", "version": 1, "published_at": "2026-01-01T00:00:00Z",
            "segments": segments, "experiments": experiments})
    })
}

fn spoilt(part: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    (part, json_value(), 0..12_u8).prop_map(|(part, other, dice)| if dice == 0 { other } else { part })
}

fn range() -> impl Strategy<Value = (u16, u16)> {
    prop_oneof![(0_u16..10_000, 0_u16..10_000).prop_map(|(a, b)| (a.min(b), a.max(b))), any::<(u16, u16)>()]
}

fn allocations() -> impl Strategy<Value = Value> {
    let allocation = ("[a-c]", range()).prop_map(
        |(variant, (start, end))| json!({"variant": variant, "range_start": start, "range_end": end}),
    );
    prop::collection::vec(spoilt(allocation), 0..3).prop_map(Value::from)
}

fn conditions() -> impl Strategy<Value = Value> {
    let operators = vec![
        "eq",
        "neq",
        "in",
        "notIn",
        "contains",
        "startsWith",
        "endsWith",
        "matches",
        "notMatches",
        "gt",
        "gte",
        "lt",
        "lte",
        "before",
        "after",
        "semverEq",
        "semverGt",
        "semverGte",
        "semverLt",
        "semverLte",
        "exists",
        "notExists",
        "inSegment",
        "notInSegment",
        "near",
    ];
    let condition =
        ("[a-c](\\.[a-c])?", prop::sample::select(operators), json_value(), any::<Option<bool>>()).prop_map(
            |(attribute, operator, value, ignore_case)| {
                let mut condition = json!({"attribute": attribute, "operator": operator, "value": value});
                if let (Some(ignore_case), Some(members)) = (ignore_case, condition.as_object_mut()) {
                    members.insert("ignore_case".into(), ignore_case.into());
                }
                condition
            },
        );
    prop::collection::vec(spoilt(condition), 0..3).prop_map(Value::from)
}

fn rules() -> impl Strategy<Value = Value> {
    prop::collection::vec(spoilt(conditions().prop_map(|conditions| json!({"conditions": conditions}))), 0..3)
        .prop_map(Value::from)
}

fn layer() -> impl Strategy<Value = Value> {
    ("[a-c]", prop::option::of("[a-c]"), range()).prop_map(|(key, by, (start, end))| {
        json!({"key": key, "salt": key, "bucket_by": by, "ranges": [{"range_start": start, "range_end": end}]})
    })
}

fn experiment() -> impl Strategy<Value = Value> {
    let deliveries = (conditions(), allocations(), any::<bool>()).prop_map(
        |(conditions, allocations, split)| match split {
            true => json!({"conditions": conditions, "allocations": allocations}),
            false => json!({"conditions": conditions, "variant": "a"}),
        },
    );
    let prerequisites = prop::collection::vec(
        ("[a-c]", "[a-c]")
            .prop_map(|(experiment, variant)| json!({"experiment": experiment, "variants": [variant]})),
        0..2,
    );
    (
        "[a-c]{1,2}",
        prop::sample::select(vec!["RUNNING", "RUNNING", "CONCLUDED", "PAUSED"]),
        prop::sample::select(vec!["murmur3", "fnv1a64", "md5"]),
        prop::option::of("[a-c]"),
        allocations(),
        rules(),
        spoilt(deliveries),
        (prerequisites, prop::option::of(layer()), spoilt(layer())),
        prop::collection::btree_map("[a-c]{1,2}", "[a-c]", 0..2),
    )
        .prop_map(|(key, status, hash, by, allocations, rules, delivery, (prerequisites, group, holdout), overrides)| {
            json!({"id": key, "key": key, "status": status, "salt": key, "hash": hash, "bucket_by": by,
                "variants": [{"id": "1", "key": "a", "payload": {"x": [1, "\u{0}\""]}}, {"id": "2", "key": "b"}],
                "allocations": allocations, "targeting_rules": rules, "rules": [delivery],
                "prerequisites": prerequisites, "group": group, "holdouts": [holdout], "overrides": overrides,
                "winner": "a"})
        })
}
