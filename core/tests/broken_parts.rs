//! A part that cannot be read harms its own experiment and nothing else.
#![cfg(not(target_arch = "wasm32"))]

use lotwise_core::{Context, Evaluation, Scratch, Snapshot, Subject};

/// Loads two experiments, the first with `part` put in, and says how each comes out.
#[track_caller]
fn outcomes(part: &str) -> Vec<(String, &'static str)> {
    let experiment = |key: &str, part: &str| {
        format!(
            r#"{{"id":"i","key":"{key}","status":"RUNNING","hash":"murmur3","salt":"s",{part}
            "variants":[{{"id":"v","key":"on","payload":1}}],
            "allocations":[{{"variant":"on","range_start":0,"range_end":9999}}]}}"#
        )
    };
    let document = format!(
        r#"{{"schema_version":1,"environment":"e","version":1,"published_at":"2026-01-01","experiments":[{},{}]}}"#,
        experiment("a", part),
        experiment("b", "")
    );
    let snapshot = Snapshot::load(document.as_bytes()).expect("the rest of the document is sound");
    let context = Context::default();
    let subject = Subject::new("user", &context).expect("a subject");
    let mut scratch = Scratch::new();
    let mut evaluation = Evaluation::new(&snapshot, &subject, &mut scratch);
    let outcome = |experiment| {
        let key = snapshot.experiment_key(experiment).to_string();
        (key, evaluation.decide(experiment).reason.name())
    };
    snapshot.experiments().map(outcome).collect()
}

#[test]
fn what_json_allows_and_nobody_can_read_is_unsupported() {
    for part in [
        r#""bucket_by":"\ud800","#,
        r#""sticky":1e999,"#,
        r#""targeting_rules":[{"conditions":[{"attribute":"x","operator":"eq","value":1e999}]}],"#,
        r#""targeting_rules":[{"conditions":[{"attribute":"x","operator":"eq","value":"\ud800"}]}],"#,
        r#""targeting_rules":[{"conditions":[{"attribute":"x","operator":"eq","value":{"a":1,"a":2}}]}],"#,
        &format!(
            r#""targeting_rules":[{{"conditions":[{{"attribute":"x","operator":"eq","value":{}1{}}}]}}],"#,
            "[".repeat(65),
            "]".repeat(65)
        ),
        r#""rules":{"conditions":[]},"#,
        r#""group":[],"#,
    ] {
        let expected = [("a".to_string(), "UNSUPPORTED"), ("b".to_string(), "SPLIT")];
        assert_eq!(outcomes(part), expected, "{part}");
    }
}

#[test]
fn what_is_not_part_of_the_format_does_no_harm() {
    let deep = format!(r#""notes":{}{},"#, "[".repeat(5000), "]".repeat(5000));
    for part in [r#""notes":"\ud800","#, r#""notes":1e999,"#, r#""notes":{"a":1,"a":2},"#, deep.as_str()] {
        assert_eq!(outcomes(part), [("a".to_string(), "SPLIT"), ("b".to_string(), "SPLIT")], "{part:.40}");
    }
}
