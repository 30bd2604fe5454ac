//! A full explanation shows the questions beside the answers.
#![cfg(all(feature = "preview", not(target_arch = "wasm32")))]

use lotwise_core::diff::Published;
use lotwise_core::explain::{explain, explain_fully};
use lotwise_core::{Context, Sticky, Subject};
use serde_json::{Value, json};

fn document() -> Vec<u8> {
    let experiment = |key: &str, more: &Value| {
        let mut experiment = json!({"id": "i", "key": key, "status": "RUNNING", "salt": key, "hash": "murmur3",
            "variants": [{"id": "v", "key": "on"}],
            "allocations": [{"variant": "on", "range_start": 0, "range_end": 9999}]});
        for (name, value) in more.as_object().expect("members") {
            experiment[name] = value.clone();
        }
        experiment
    };
    let layer = |key: &str, end: u16| json!({"key": key, "salt": key, "ranges": [{"range_start": 0, "range_end": end}]});
    let asks = json!([{"conditions": [
        {"attribute": "device.os", "operator": "in", "value": ["iOS"], "ignore_case": true},
        {"operator": "inSegment", "value": "beta"}]},
        {"conditions": [{"attribute": "age", "operator": "gte", "value": 18}]}]);
    json!({"schema_version": 1, "environment": "e", "version": 1, "published_at": "2026-01-01T00:00:00Z",
    "segments": {"beta": [{"conditions": [{"attribute": "plan", "operator": "eq", "value": "beta"}]}]},
    "experiments": [
        experiment("base", &json!({})),
        experiment("broken", &json!({"targeting_rules": [{"conditions": [{"attribute": "a", "operator": "near"}]}]})),
        experiment("full", &json!({
            "overrides": {"qa": "on"},
            "targeting_rules": asks,
            "rules": [{"conditions": [{"attribute": "country", "operator": "eq", "value": "NZ"}], "variant": "on"}],
            "prerequisites": [{"experiment": "base", "variants": ["on"]}],
            "holdouts": [layer("h", 9999), layer("i", 0)],
            "group": layer("g", 4999)})),
    ]})
    .to_string()
    .into_bytes()
}

fn explained(key: &str, user_key: &str, context: &str, sticky: &Sticky) -> Value {
    let document = document();
    let published = Published::load(&document).expect("a document");
    let context = Context::from_json(context).expect("a context");
    let subject = Subject::new(user_key, &context).expect("a subject").with_sticky(sticky);
    let experiment = published.snapshot().experiment(key).expect("the experiment");
    let full = explain_fully(&published, &subject, experiment).expect("an explanation");
    let plain = &explain(published.snapshot(), &subject, std::iter::once(experiment))[0];
    assert_eq!(
        (&full.variant_key, full.reason, full.bucket),
        (&plain.variant_key, plain.reason, plain.bucket)
    );
    serde_json::to_value(&full).expect("it serialises")
}

#[test]
fn every_condition_stands_beside_what_the_subject_has() {
    let told = explained("full", "u", r#"{"device":{"os":"ios"},"age":17.5,"plan":"beta"}"#, &Sticky::new());
    assert_eq!(
        told["targeting_rules"],
        json!([
            {"asked": true, "matches": true, "conditions": [
                {"attribute": "device.os", "operator": "in", "value": ["iOS"], "ignore_case": true, "actual": "ios", "outcome": true},
                {"attribute": null, "operator": "inSegment", "value": "beta", "actual": null, "outcome": true}]},
            {"asked": true, "matches": false, "conditions": [
                {"attribute": "age", "operator": "gte", "value": 18, "actual": 17.5, "outcome": false}]}])
    );
    assert_eq!(
        told["rules"],
        json!([{"asked": true, "matches": false, "variant": "on", "conditions": [
            {"attribute": "country", "operator": "eq", "value": "NZ", "actual": null, "outcome": false}]}])
    );
    assert_eq!(
        told["segments"],
        json!([{"segment": "beta", "is_in": true, "rules": [{"asked": true, "matches": true, "conditions": [
            {"attribute": "plan", "operator": "eq", "value": "beta", "actual": "beta", "outcome": true}]}]}])
    );
    assert_eq!(
        (&told["bucket_by"], &told["bucketing_key"], &told["salt"]),
        (&json!("user_key"), &json!("u"), &json!("full"))
    );
}

#[test]
fn every_gate_has_its_ranges_and_the_bucket_asked_or_not() {
    let told = explained("full", "u", r#"{"age":18}"#, &Sticky::new());
    assert_eq!(told["reason"], "HOLDOUT");
    let gates: Vec<Value> = told["gates"]
        .as_array()
        .expect("gates")
        .iter()
        .map(|it| {
            json!([
                it["gate"],
                it["key"],
                it["asked"],
                it["passes"],
                it["detail"],
                it["ranges"][0]["range_end"]
            ])
        })
        .collect();
    assert_eq!(
        gates,
        [
            json!(["prerequisite", "base", true, true, "on", null]),
            json!(["holdout", "h", true, false, null, 9999]),
            json!(["holdout", "i", false, null, null, 0]),
            json!(["group", "g", false, null, null, 4999]),
        ]
    );
    assert!(told["gates"][2]["bucket"].is_u64() && told["gates"][3]["bucket"].is_u64());
    assert_eq!(told["gates"][0]["variants"], json!(["on"]));
}

#[test]
fn what_was_not_asked_says_so() {
    let told = explained("full", "qa", "{}", &Sticky::from([("full".into(), "gone".into())]));
    assert_eq!(
        (&told["reason"], &told["overridden_to"], &told["sticky"]),
        (&json!("OVERRIDE"), &json!("on"), &json!("gone"))
    );
    for rules in ["rules", "targeting_rules"] {
        assert_eq!((&told[rules][0]["asked"], &told[rules][0]["matches"]), (&json!(false), &json!(null)));
        assert_eq!(told[rules][0]["conditions"][0]["outcome"], json!(null));
    }
    let broken = explained("broken", "u", "{}", &Sticky::new());
    assert_eq!(
        (&broken["reason"], &broken["targeting_rules"][0]["asked"]),
        (&json!("UNSUPPORTED"), &json!(false))
    );
}
