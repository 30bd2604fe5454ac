//! Whatever documents are compared, nothing panics, and the same one twice differs in nothing.
#![cfg(all(feature = "preview", not(target_arch = "wasm32")))]

use lotwise_core::diff::{Counting, Diff, Experiments, Published, affected, confirmation, diff};
use lotwise_core::explain::explain_fully;
use lotwise_core::overlap::overlaps;
use lotwise_core::{Context, Scratch, Subject};
use proptest::prelude::*;
use serde_json::{Value, json};

/// An experiment any of whose fields may be something else, or missing.
fn experiment() -> impl Strategy<Value = Value> {
    let range = (0..12_000_u16, 0..12_000_u16)
        .prop_map(|(start, end)| json!({"range_start": start.min(end), "range_end": end, "variant": "a"}));
    let odd = prop_oneof![
        Just(json!(null)),
        Just(json!(7)),
        Just(json!("b")),
        Just(json!([])),
        Just(json!({})),
        Just(json!([{"key": "a"}]))
    ];
    let fields = prop::sample::select(vec![
        "salt",
        "hash",
        "status",
        "variants",
        "allocations",
        "rules",
        "group",
        "holdouts",
        "overrides",
        "prerequisites",
        "winner",
        "bucket_by",
    ]);
    ("[a-c]", prop::collection::vec(range, 0..3), prop::collection::vec((fields, odd), 0..3)).prop_map(|(key, ranges, spoilt)| {
        let layer = json!({"key": "g", "salt": "g", "ranges": ranges});
        let conditions = json!([{"attribute": "a", "operator": "eq", "value": 1}, {"operator": "inSegment", "value": "s"}]);
        let mut experiment = json!({"id": key, "key": key, "status": "RUNNING", "salt": key, "hash": "murmur3",
            "variants": [{"id": "1", "key": "a"}], "allocations": ranges, "targeting_rules": [{"conditions": conditions}],
            "group": layer, "holdouts": [layer], "prerequisites": [{"experiment": "b", "variants": ["a"]}]});
        for (name, value) in spoilt {
            experiment[name] = value;
        }
        experiment
    })
}

fn document() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(experiment(), 0..4).prop_map(|experiments| {
        json!({"schema_version": 1, "environment": "e", "version": 1, "published_at": "2026-01-01T00:00:00Z",
            "segments": {"s": [{"conditions": []}]}, "experiments": experiments})
        .to_string()
        .into_bytes()
    })
}

proptest! {
    #[test]
    fn any_two_documents(before in document(), after in document()) {
        let (Ok(before), Ok(after)) = (Published::load(&before), Published::load(&after)) else { return Ok(()) };
        for (before, after) in [(Some(&before), Some(&after)), (None, Some(&after)), (Some(&before), None)] {
            let diff = diff(before, after);
            let keys = affected(&diff, before, after);
            confirmation(before, after);
            let [old, new] = [before, after].map(|side| side.map(Published::snapshot));
            let counting = Counting::new(old, new, Experiments::Keys(&keys), true);
            let (mut tally, context) = (counting.tally(), Context::default());
            counting.count(&Subject::new("u", &context).expect("a subject"), &mut [Scratch::new(), Scratch::new()], &mut tally);
            prop_assert_eq!(counting.finish(&tally).subjects, 1);
        }
        let context = Context::default();
        let subject = Subject::new("u", &context).expect("a subject");
        for experiment in after.snapshot().experiments() {
            prop_assert!(explain_fully(&after, &subject, experiment).is_some());
        }
        prop_assert!(overlaps(after.snapshot()).all(|it| (0.0..=1.0).contains(&it.share)));
        let unchanged = after.snapshot().len();
        prop_assert_eq!(diff(Some(&after), Some(&after)), Diff { unchanged, ..Diff::default() });
    }
}
