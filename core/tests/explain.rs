//! An explanation shows every step and changes none.
#![cfg(not(target_arch = "wasm32"))]

use lotwise_core::explain::explain;
use lotwise_core::{Context, Snapshot, Sticky, Subject};
use serde_json::{Value, json};

fn snapshot() -> Snapshot {
    let experiment = |key: &str, more: &Value| {
        let mut experiment = json!({"id": "i", "key": key, "status": "RUNNING", "salt": key, "hash": "murmur3",
            "variants": [{"id": "v", "key": "on"}],
            "allocations": [{"variant": "on", "range_start": 0, "range_end": 9999}]});
        for (name, value) in more.as_object().expect("members") {
            experiment[name] = value.clone();
        }
        experiment
    };
    let everyone = json!([{"range_start": 0, "range_end": 9999}]);
    let condition =
        |attribute: &str, value: Value| json!({"attribute": attribute, "operator": "eq", "value": value});
    let document = json!({"schema_version": 1, "environment": "e", "version": 1, "published_at": "2026-01-01",
    "segments": {"beta": [{"conditions": [condition("plan", json!("beta"))]}]},
    "experiments": [
        experiment("base", &json!({})),
        experiment("targeted", &json!({
            "targeting_rules": [
                {"conditions": [condition("country", json!("AU")), {"operator": "inSegment", "value": "beta"}]},
                {"conditions": [condition("country", json!("NZ")), condition("age", json!(1))]},
                {"conditions": []}],
            "rules": [{"conditions": [condition("country", json!("AU"))], "variant": "on"}],
            "prerequisites": [{"experiment": "base", "variants": ["on"]}],
            "group": {"key": "g", "salt": "g", "ranges": everyone},
            "holdouts": [{"key": "h", "salt": "h", "ranges": []}]})),
        experiment("withheld", &json!({"holdouts": [{"key": "all", "salt": "a", "ranges": everyone}]})),
        experiment("sibling", &json!({"group": {"key": "g", "salt": "g", "ranges": everyone}})),
    ]});
    Snapshot::load(document.to_string().as_bytes()).expect("a document")
}

fn explained(snapshot: &Snapshot, key: &str, context: &str, sticky: &Sticky) -> Value {
    let context = Context::from_json(context).expect("a context");
    let subject = Subject::new("user", &context).expect("a subject").with_sticky(sticky);
    let experiment = snapshot.experiment(key).expect("the experiment");
    let explanations = explain(snapshot, &subject, std::iter::once(experiment));
    serde_json::to_value(&explanations[0]).expect("it serialises")
}

#[test]
fn every_condition_has_its_outcome_even_those_that_no_longer_matter() {
    let snapshot = snapshot();
    let explanation = explained(&snapshot, "targeted", r#"{"country":"NZ","plan":"beta"}"#, &Sticky::new());
    assert_eq!(
        explanation["targeting_rules"],
        json!([
            {"matches": false, "conditions": [false, true]},
            {"matches": false, "conditions": [true, false]},
            {"matches": true, "conditions": []}])
    );
    assert_eq!(explanation["rules"], json!([{"matches": false, "conditions": [false]}]));
    assert_eq!(
        explanation["segments"],
        json!([{"segment": "beta", "is_in": true, "rules": [{"matches": true, "conditions": [true]}]}])
    );
    assert_eq!((&explanation["reason"], &explanation["variant_key"]), (&json!("SPLIT"), &json!("on")));
}

#[test]
fn every_gate_says_what_it_saw() {
    let snapshot = snapshot();
    let gates = |key: &str, sticky: &Sticky| {
        let explanation = explained(&snapshot, key, "{}", sticky);
        let gates = explanation["gates"].as_array().expect("gates").clone();
        let gates: Vec<Value> = gates
            .into_iter()
            .map(|gate| json!([gate["gate"], gate["key"], gate["passes"], gate["detail"]]))
            .collect();
        (explanation["reason"].as_str().expect("a reason").to_owned(), gates)
    };
    let nothing = Sticky::new();
    assert_eq!(
        gates("targeted", &nothing),
        (
            "SPLIT".into(),
            vec![
                json!(["prerequisite", "base", true, "on"]),
                json!(["holdout", "h", true, null]),
                json!(["group", "g", true, null])
            ]
        )
    );
    assert_eq!(gates("withheld", &nothing), ("HOLDOUT".into(), vec![json!(["holdout", "all", false, null])]));
    let elsewhere = Sticky::from([("targeted".into(), "on".into())]);
    assert_eq!(
        gates("sibling", &elsewhere),
        ("EXCLUDED_BY_GROUP".into(), vec![json!(["sibling", "g", false, "targeted"])])
    );
    assert_eq!(gates("targeted", &elsewhere), ("STICKY".into(), vec![]));
}
