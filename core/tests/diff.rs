//! A difference counts what readers would see, bucket by bucket and subject by subject.
#![cfg(all(feature = "preview", not(target_arch = "wasm32")))]

use std::collections::BTreeMap;

use lotwise_core::bucketing::{BUCKETS, HashAlgorithm};
use lotwise_core::diff::{Change, Counting, Diff, Experiments, Published, affected, confirmation, diff};
use lotwise_core::{Context, Evaluation, Scratch, Sticky, Subject};
use proptest::prelude::*;
use serde_json::{Value, json};

fn document(version: u64, segments: &Value, experiments: &[Value]) -> Vec<u8> {
    json!({"schema_version": 1, "environment": "e", "version": version, "published_at": "2026-01-01T00:00:00Z",
        "segments": segments, "experiments": experiments})
    .to_string()
    .into_bytes()
}

/// A running experiment with some of its fields replaced.
fn experiment(key: &str, more: &Value) -> Value {
    let mut experiment = json!({"id": key, "key": key, "status": "RUNNING", "salt": key, "hash": "murmur3",
        "variants": [{"id": "1", "key": "a", "payload": 1}, {"id": "2", "key": "b", "payload": 2}],
        "allocations": [allocation("a", 0, 4999), allocation("b", 5000, 9999)]});
    for (name, value) in more.as_object().expect("members") {
        experiment[name] = value.clone();
    }
    experiment
}

fn allocation(variant: &str, start: u16, end: u16) -> Value {
    json!({"variant": variant, "range_start": start, "range_end": end})
}

fn layer(key: &str, salt: &str, start: u16, end: u16) -> Value {
    json!({"key": key, "salt": salt, "ranges": [{"range_start": start, "range_end": end}]})
}

/// The difference between documents with one experiment each.
fn between(before: &Value, after: &Value) -> Diff {
    let experiment = |more: &Value| document(1, &json!({}), &[experiment("x", more)]);
    diff_of(&experiment(before), &experiment(after))
}

fn diff_of(before: &[u8], after: &[u8]) -> Diff {
    let (before, after) =
        (Published::load(before).expect("a document"), Published::load(after).expect("a document"));
    diff(Some(&before), Some(&after))
}

/// A key for each bucket under a salt.
fn keys(salt: &str) -> Vec<String> {
    let mut keys = vec![String::new(); usize::from(BUCKETS)];
    let mut missing = keys.len();
    for number in 0_u32.. {
        let key = format!("u{number}");
        let place = &mut keys[usize::from(HashAlgorithm::Murmur3.bucket(&key, salt))];
        if place.is_empty() {
            *place = key;
            missing -= 1;
        }
        if missing == 0 {
            break;
        }
    }
    keys
}

type Counts = BTreeMap<(Option<String>, Option<String>), u64>;

/// What every key gets before and after, one by one.
fn brute_force(before: &Published<'_>, after: &Published<'_>, keys: &[String]) -> (u64, Counts) {
    let (mut stay, mut counts) = (0, Counts::new());
    let context = Context::default();
    for key in keys {
        let subject = Subject::new(key, &context).expect("a subject");
        let get = |side: &Published<'_>| {
            let mut scratch = Scratch::new();
            let id = side.snapshot().experiment("x")?;
            let decision = Evaluation::new(side.snapshot(), &subject, &mut scratch).decide(id);
            side.snapshot().variant(decision).map(|variant| variant.key.to_owned())
        };
        match (get(before), get(after)) {
            (None, None) => {}
            (from, to) if from == to => stay += 1,
            moved => *counts.entry(moved).or_default() += 1,
        }
    }
    (stay, counts)
}

fn allocations() -> impl Strategy<Value = Value> {
    prop::collection::vec((1..4000_u16, 0..4_usize), 0..12).prop_map(|pieces| {
        let mut start = 0;
        let mut list = Vec::new();
        for (length, variant) in pieces {
            let end = (start + length - 1).min(BUCKETS - 1);
            if start < BUCKETS
                && let Some(variant) = ["a", "b", "c"].get(variant)
            {
                list.push(allocation(variant, start, end));
            }
            start = end + 1;
        }
        Value::from(list)
    })
}

fn some_experiment() -> impl Strategy<Value = Value> {
    let variants = prop::sample::subsequence(vec!["a", "b", "c"], 0..3).prop_shuffle();
    (allocations(), variants, 0..6_u8).prop_map(|(allocations, mut gone, status)| {
        gone.truncate(1);
        let variants: Vec<Value> = ["c", "a", "b"]
            .iter()
            .filter(|key| !gone.contains(key))
            .map(|key| json!({"id": key, "key": key}))
            .collect();
        let more = match status {
            0 => json!({"status": "CONCLUDED", "winner": "b"}),
            1 => json!({"requires": ["telepathy"]}),
            _ => json!({}),
        };
        let mut experiment = experiment("x", &more);
        experiment["allocations"] = allocations;
        experiment["variants"] = variants.into();
        experiment
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn buckets_are_counted_as_readers_decide(before in some_experiment(), after in some_experiment()) {
        let keys = keys("x");
        let (before, after) = (document(1, &json!({}), &[before]), document(2, &json!({}), &[after]));
        let (before, after) = (Published::load(&before).expect("a document"), Published::load(&after).expect("a document"));
        let (stay, counts) = brute_force(&before, &after, &keys);
        let diff = diff(Some(&before), Some(&after));
        if let Some(experiment) = diff.experiments.first() {
            let buckets = &experiment.buckets;
            let told: Counts = buckets.moves.iter().map(|it| ((it.from.clone(), it.to.clone()), u64::from(it.buckets))).collect();
            prop_assert_eq!(&told, &counts);
            prop_assert_eq!(u64::from(buckets.stay), stay);
            prop_assert_eq!(u64::from(buckets.entering + buckets.leaving + buckets.switching), counts.values().sum::<u64>());
            prop_assert_eq!(diff.moves_users, counts.keys().any(|(from, _)| from.is_some()));
        } else {
            prop_assert!(counts.is_empty());
        }
        // Subject by subject the same, in one part or in two that are merged.
        let counting = Counting::new(Some(before.snapshot()), Some(after.snapshot()), Experiments::All, true);
        let mut parts = [counting.tally(), counting.tally()];
        let mut scratch = [Scratch::new(), Scratch::new()];
        for (number, key) in keys.iter().enumerate() {
            let context = Context::default();
            counting.count(&Subject::new(key, &context).expect("a subject"), &mut scratch, &mut parts[number % 2]);
        }
        let [mut tally, other] = parts;
        tally.merge(&other);
        let subjects = counting.finish(&tally);
        let all = &subjects.experiments[0].all;
        let told: Counts = all.moves.iter().map(|it| ((it.from.clone(), it.to.clone()), it.subjects)).collect();
        prop_assert_eq!((subjects.subjects, all.stay, told), (10_000, stay, counts));
    }

    #[test]
    fn a_snapshot_differs_in_nothing_from_itself(experiment in some_experiment()) {
        let document = document(1, &json!({}), &[experiment]);
        let diff = diff_of(&document, &document);
        prop_assert_eq!(diff, Diff { unchanged: 1, ..Diff::default() });
    }
}

#[test]
fn fields_that_differ_are_named() {
    let fields = |before: Value, after: Value| {
        let diff = between(&before, &after);
        diff.experiments.first().map(|it| (it.change, it.fields.clone(), diff.moves_users))
    };
    let none = json!({});
    let rules = json!({"rules": [{"conditions": [], "variant": "a"}]});
    for (after, expected) in [
        (json!({"sticky": true}), vec!["sticky"]),
        (rules, vec!["rules"]),
        (json!({"overrides": {"u": "a"}}), vec!["overrides"]),
        (json!({"targeting_rules": [{"conditions": []}]}), vec!["targeting_rules"]),
        (json!({"prerequisites": [{"experiment": "y", "variants": []}]}), vec!["prerequisites"]),
        (
            json!({"variants": [{"id": "1", "key": "a", "payload": 3}, {"id": "2", "key": "b", "payload": 2}]}),
            vec!["payloads"],
        ),
        (
            json!({"variants": [{"id": "9", "key": "a", "payload": 1}, {"id": "2", "key": "b", "payload": 2}], "winner": "a"}),
            vec!["variants", "winner"],
        ),
        (json!({"group": layer("g", "g", 0, 9999), "holdouts": []}), vec!["group"]),
    ] {
        assert_eq!(fields(none.clone(), after), Some((Change::Changed, expected, false)));
    }
    // What is absent means the same as what it stands for.
    assert_eq!(
        fields(none.clone(), json!({"bucket_by": "user_key", "sticky": null, "rules": []})),
        Some((Change::Changed, vec![], false))
    );
    let concluded = fields(none.clone(), json!({"status": "CONCLUDED", "winner": "a"}));
    assert_eq!(concluded, Some((Change::Changed, vec!["status", "winner"], true)));
}

#[test]
fn whoever_is_drawn_again_is_told_loudly() {
    for (after, by) in [
        (json!({"salt": "other"}), "salt"),
        (json!({"hash": "fnv1a64"}), "hash"),
        (json!({"bucket_by": "company"}), "bucket_by"),
    ] {
        let diff = between(&json!({}), &after);
        let experiment = &diff.experiments[0];
        assert!(diff.moves_users && experiment.moves_users && experiment.rerandomised);
        assert_eq!(
            (experiment.rerandomised_by.as_slice(), experiment.fields.as_slice()),
            (&[by][..], &[by][..])
        );
        assert_eq!(
            (experiment.buckets.leaving, experiment.buckets.entering, experiment.buckets.stay),
            (10_000, 10_000, 0)
        );
    }
    let group = |salt| json!({"group": layer("g", salt, 0, 4999)});
    let diff = between(&group("s"), &group("t"));
    assert_eq!(diff.experiments[0].rerandomised_by, ["group"]);
    let held = |salt| json!({"holdouts": [layer("h", salt, 0, 99)]});
    assert_eq!(between(&held("s"), &held("t")).experiments[0].rerandomised_by, ["holdouts"]);
    // A group that lets everybody pass draws nobody.
    let everyone = |salt| json!({"group": layer("g", salt, 0, 9999)});
    assert!(!between(&everyone("s"), &everyone("t")).moves_users);
}

#[test]
fn gates_are_counted_on_buckets_of_their_own() {
    let gates = |before: Value, after: Value| {
        let diff = between(&before, &after);
        let experiment = diff.experiments[0].clone();
        let gate = experiment.group.into_iter().chain(experiment.holdouts).next().expect("a gate");
        (gate.entering, gate.leaving, diff.moves_users)
    };
    let group = |end| json!({"group": layer("g", "s", 0, end)});
    let held = |end| json!({"holdouts": [layer("h", "s", 0, end)]});
    assert_eq!(gates(group(4999), group(2999)), (0, 2000, true));
    assert_eq!(gates(group(2999), group(4999)), (2000, 0, false));
    assert_eq!(gates(json!({}), group(2999)), (0, 7000, true));
    assert_eq!(gates(group(2999), json!({})), (7000, 0, false));
    assert_eq!(gates(held(99), held(199)), (0, 100, true));
    assert_eq!(gates(held(199), held(99)), (100, 0, false));
    assert_eq!(gates(json!({}), held(499)), (0, 500, true));
    // Nobody was in.
    let empty = |end| json!({"allocations": [], "group": layer("g", "s", 0, end)});
    assert_eq!(gates(empty(4999), empty(2999)), (0, 2000, false));
}

#[test]
fn what_comes_and_goes_is_counted_whole() {
    let (x, y) = (experiment("x", &json!({})), experiment("y", &json!({})));
    let (before, after) = (document(1, &json!({}), &[x]), document(2, &json!({}), &[y]));
    let diff = diff_of(&before, &after);
    assert_eq!((diff.added, diff.removed, diff.moves_users), (1, 1, true));
    assert_eq!((diff.experiments[0].change, diff.experiments[0].buckets.leaving), (Change::Removed, 10_000));
    assert_eq!((diff.experiments[1].change, diff.experiments[1].moves_users), (Change::Added, false));
    let after = Published::load(&after).expect("a document");
    let first = lotwise_core::diff::diff(None, Some(&after));
    assert_eq!((first.added, first.moves_users), (1, false));
    assert_eq!(lotwise_core::diff::diff(None, None), Diff::default());
}

#[test]
fn a_segment_or_a_prerequisite_that_differs_reaches_whoever_leads_to_it() {
    let asks = |segment: &str| json!([{"conditions": [{"operator": "inSegment", "value": segment}]}]);
    let segments = |plan: &str| json!({"inner": [{"conditions": [{"attribute": "plan", "operator": "eq", "value": plan}]}], "outer": asks("inner"), "other": []});
    let experiments = |status: &str| {
        let base = json!({"targeting_rules": asks("outer"), "status": status, "winner": "a"});
        let needs = |on: &str| json!({"prerequisites": [{"experiment": on, "variants": ["a"]}]});
        let group = json!({"group": layer("g", "s", 0, 9999), "targeting_rules": asks("other")});
        [
            experiment("a", &base),
            experiment("b", &needs("a")),
            experiment("c", &needs("b")),
            experiment("d", &group),
        ]
    };
    let before = document(1, &segments("pro"), &experiments("RUNNING"));
    let after = document(2, &segments("beta"), &experiments("RUNNING"));
    let (old, new) =
        (Published::load(&before).expect("a document"), Published::load(&after).expect("a document"));
    let diff = diff(Some(&old), Some(&new));
    let told: Vec<_> = diff
        .experiments
        .iter()
        .map(|it| (&*it.experiment_key, it.change, it.fields.clone(), it.depends_on.join(",")))
        .collect();
    assert_eq!(
        told,
        [
            ("a", Change::Changed, vec!["segments"], String::new()),
            ("b", Change::Unchanged, vec![], "a".to_owned()),
            ("c", Change::Unchanged, vec![], "b".to_owned()),
        ]
    );
    assert_eq!((diff.segments.as_slice(), diff.unchanged), (&["inner".to_owned()][..], 3));
    let keys = affected(&diff, Some(&old), Some(&new));
    assert_eq!(keys, ["a", "b", "c"]);
    // Subjects, by segment.
    let counting = Counting::new(Some(old.snapshot()), Some(new.snapshot()), Experiments::Keys(&keys), true);
    let (mut tally, mut scratch) = (counting.tally(), [Scratch::new(), Scratch::new()]);
    for plan in ["pro", "beta", "free"] {
        for number in 0..50 {
            let (key, context) = (format!("u{number}"), format!(r#"{{"plan":"{plan}"}}"#));
            let context = Context::from_json(&context).expect("a context");
            counting.count(&Subject::new(&key, &context).expect("a subject"), &mut scratch, &mut tally);
        }
    }
    let counted = counting.finish(&tally);
    let a = &counted.experiments[0];
    assert_eq!(
        (counted.subjects, a.all.stay, a.all.entering, a.all.leaving, a.all.switching),
        (150, 0, 50, 50, 0)
    );
    let segments: Vec<_> = a
        .segments
        .iter()
        .map(|it| (&*it.segment, it.subjects, it.counts.entering, it.counts.leaving))
        .collect();
    assert_eq!(segments, [("inner", 50, 50, 0), ("other", 0, 0, 0), ("outer", 50, 50, 0)]);
}

#[test]
fn sticky_state_keeps_subjects_where_they_are() {
    let before = document(1, &json!({}), &[experiment("x", &json!({}))]);
    let after = document(2, &json!({}), &[experiment("x", &json!({"salt": "other"}))]);
    let (before, after) =
        (Published::load(&before).expect("a document"), Published::load(&after).expect("a document"));
    let counting = Counting::new(Some(before.snapshot()), Some(after.snapshot()), Experiments::All, false);
    let (mut tally, mut scratch) = (counting.tally(), [Scratch::new(), Scratch::new()]);
    let sticky = Sticky::from([("x".into(), "b".into())]);
    for number in 0..100 {
        let (key, context) = (format!("u{number}"), Context::default());
        let subject = Subject::new(&key, &context).expect("a subject").with_sticky(&sticky);
        counting.count(&subject, &mut scratch, &mut tally);
    }
    assert_eq!(counting.finish(&tally).experiments[0].all.stay, 100);
}

#[test]
fn a_confirmation_is_of_what_is_published_and_of_what_would_be() {
    let bytes = |before: &[u8], after: &[u8]| {
        confirmation(
            Some(&Published::load(before).expect("a document")),
            Some(&Published::load(after).expect("a document")),
        )
    };
    let with = |version, payload: u8| {
        document(
            version,
            &json!({}),
            &[experiment(
                "x",
                &json!({"variants": [{"id": "1", "key": "a", "payload": payload}, {"id": "2", "key": "b"}]}),
            )],
        )
    };
    let first = bytes(&with(1, 1), &with(2, 2));
    assert_eq!(first, bytes(&with(1, 1), &with(7, 2)), "whatever version it will be");
    assert_ne!(first, bytes(&with(1, 1), &with(2, 3)), "another payload");
    assert_ne!(first, bytes(&with(3, 1), &with(2, 2)), "something was published in between");
    assert_ne!(first, bytes(&with(1, 1), &with(2, 1)));
}
