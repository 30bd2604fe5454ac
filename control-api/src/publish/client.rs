//! The document that pages get: what the full one says, less what pages must not see.

use std::collections::{BTreeMap, BTreeSet};

use lotwise_core::document::{ConditionDocument, ExperimentDocument, SnapshotDocument, TargetingRule};

use crate::domain::document::REGEX;

/// The full document without what is not for pages: other experiments than those with a key in
/// `client_side`, the segments that only others lead to, and the pins of staff.
///
/// A prerequisite stays even where its experiment does not: nobody meets it then, so that the split lets
/// nobody in who should not be.
pub(super) fn client_document(full: &SnapshotDocument, client_side: &BTreeSet<String>) -> SnapshotDocument {
    let experiments = full.experiments.iter().filter(|it| client_side.contains(&it.key));
    let experiments: Vec<ExperimentDocument> = experiments
        .map(|document| ExperimentDocument { overrides: BTreeMap::new(), ..document.clone() })
        .collect();
    SnapshotDocument {
        schema_version: full.schema_version,
        environment: full.environment.clone(),
        version: full.version,
        published_at: full.published_at.clone(),
        segments: segments(full, &experiments),
        features: features(&experiments),
        experiments,
        requires: full.requires.clone(),
    }
}

/// What a small reader must know to decide all of them.
pub(super) fn features(experiments: &[ExperimentDocument]) -> Vec<String> {
    let needs_regex = experiments.iter().any(|it| it.requires.iter().any(|needed| needed == REGEX));
    if needs_regex { vec![REGEX.to_owned()] } else { Vec::new() }
}

/// The segments that the experiments lead to, over other segments too.
fn segments(
    full: &SnapshotDocument,
    experiments: &[ExperimentDocument],
) -> BTreeMap<String, Vec<TargetingRule>> {
    let mut open: Vec<String> = experiments.iter().flat_map(named_by).collect();
    let mut found = BTreeMap::new();
    while let Some(name) = open.pop() {
        if let Some(rules) = full.segments.get(&name).filter(|_| !found.contains_key(&name)) {
            open.extend(rules.iter().flat_map(|rule| &rule.conditions).filter_map(segment));
            found.insert(name, rules.clone());
        }
    }
    found
}

fn named_by(experiment: &ExperimentDocument) -> Vec<String> {
    let targeting = experiment.targeting_rules.iter().flat_map(|rule| &rule.conditions);
    let delivery = experiment.rules.iter().flat_map(|rule| &rule.conditions);
    targeting.chain(delivery).filter_map(segment).collect()
}

/// The segment that a condition asks for.
fn segment(condition: &ConditionDocument) -> Option<String> {
    let asks = matches!(condition.operator.as_str(), "inSegment" | "notInSegment");
    let value = condition.value.as_ref().filter(|_| asks)?;
    serde_json::from_str(value.get()).ok()
}

#[cfg(test)]
mod tests {
    use lotwise_core::document::{
        AllocationDocument, DeliveryRule, LayerDocument, PrerequisiteDocument, RangeDocument, SCHEMA_VERSION,
        VariantDocument,
    };
    use lotwise_core::{Context, Evaluation, Scratch, Snapshot, Subject};
    use serde_json::value::to_raw_value;

    use super::*;

    fn in_segment(operator: &str, name: &str) -> ConditionDocument {
        ConditionDocument {
            attribute: None,
            operator: operator.to_owned(),
            value: Some(to_raw_value(name).unwrap()),
            ignore_case: None,
        }
    }

    fn equals(attribute: &str, value: &str) -> ConditionDocument {
        ConditionDocument { attribute: Some(attribute.to_owned()), ..in_segment("eq", value) }
    }

    fn rules(condition: ConditionDocument) -> Vec<TargetingRule> {
        vec![TargetingRule { conditions: vec![condition] }]
    }

    /// An experiment whose every text tells whose it is.
    fn experiment(key: &str, targeting: Vec<TargetingRule>) -> ExperimentDocument {
        let layer = |kind: &str, (range_start, range_end)| LayerDocument {
            key: format!("{kind}-of-{key}"),
            salt: format!("{kind}-salt-of-{key}"),
            bucket_by: None,
            ranges: vec![RangeDocument { range_start, range_end }],
        };
        ExperimentDocument {
            id: format!("id-of-{key}"),
            key: key.to_owned(),
            status: "RUNNING".to_owned(),
            salt: format!("salt-of-{key}"),
            hash: "murmur3".to_owned(),
            bucket_by: "user_key".to_owned(),
            sticky: false,
            variants: vec![VariantDocument {
                id: format!("variant-id-of-{key}"),
                key: "on".to_owned(),
                payload: to_raw_value(&format!("payload-of-{key}")).unwrap(),
            }],
            allocations: vec![AllocationDocument {
                variant: "on".to_owned(),
                range_start: 0,
                range_end: 9999,
            }],
            targeting_rules: targeting,
            rules: vec![DeliveryRule {
                conditions: vec![equals("email", &format!("staff-of-{key}"))],
                variant: Some("on".to_owned()),
                allocations: None,
            }],
            overrides: [(format!("pinned-in-{key}"), "on".to_owned())].into(),
            prerequisites: Vec::new(),
            group: Some(layer("group", (0, 9999))),
            holdouts: vec![layer("holdout", (0, 0))],
            winner: None,
            requires: Vec::new(),
        }
    }

    fn document(
        experiments: Vec<ExperimentDocument>,
        segments: &[(&str, ConditionDocument)],
    ) -> SnapshotDocument {
        let segment =
            |(name, condition): &(&str, ConditionDocument)| ((*name).to_owned(), rules(condition.clone()));
        SnapshotDocument {
            schema_version: SCHEMA_VERSION,
            environment: "prod".to_owned(),
            version: 7,
            published_at: "2026-11-21T10:00:00Z".to_owned(),
            segments: segments.iter().map(segment).collect(),
            features: features(&experiments),
            experiments,
            requires: Vec::new(),
        }
    }

    fn client(full: &SnapshotDocument, keys: &[&str]) -> SnapshotDocument {
        client_document(full, &keys.iter().map(|&key| key.to_owned()).collect())
    }

    /// The document as it is published, which has to be one.
    fn text(document: &SnapshotDocument) -> String {
        let bytes = serde_json::to_vec(document).unwrap();
        assert_eq!(lotwise_core::check(&bytes), []);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn nothing_of_other_experiments_stays() {
        let page = experiment("page", rules(in_segment("inSegment", "near")));
        let mut hidden = experiment("hidden", rules(in_segment("inSegment", "inside")));
        hidden.requires = vec![REGEX.to_owned()];
        hidden.prerequisites =
            vec![PrerequisiteDocument { experiment: "page".to_owned(), variants: vec!["on".to_owned()] }];
        let full = document(
            vec![hidden, page],
            &[
                ("far", equals("plan", "value-of-far")),
                ("inside", equals("plan", "value-of-inside")),
                ("near", in_segment("notInSegment", "far")),
            ],
        );
        let client = client(&full, &["page"]);
        let (full, shown) = (text(&full), text(&client));
        // Each of them is in the full document, so each could be in the other.
        for secret in [
            "hidden",
            "inside",
            "value-of-inside",
            "regex",
            "group-of-hidden",
            "holdout-salt-of-hidden",
            "staff-of-hidden",
            "pinned-in-page",
            "pinned-in-hidden",
            "overrides",
        ] {
            assert!(full.contains(secret), "{secret} in {full}");
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        for needed in ["payload-of-page", "staff-of-page", "group-of-page", "holdout-of-page", "value-of-far"]
        {
            assert!(shown.contains(needed), "no {needed} in {shown}");
        }
        assert_eq!(client.segments.keys().collect::<Vec<_>>(), ["far", "near"]);
        assert_eq!((client.version, client.published_at.as_str()), (7, "2026-11-21T10:00:00Z"));
    }

    #[test]
    fn a_segment_is_found_in_either_kind_of_rule_and_announces_what_it_needs() {
        let mut page = experiment("page", Vec::new());
        page.rules[0].conditions.push(in_segment("inSegment", "staff"));
        page.requires = vec![REGEX.to_owned()];
        let full = document(vec![page], &[("staff", equals("email", "x"))]);
        let client = client(&full, &["page"]);
        assert!(client.segments.contains_key("staff"));
        assert_eq!(client.features, [REGEX]);
    }

    #[test]
    fn without_client_side_experiments_there_is_an_empty_document() {
        let full = document(
            vec![experiment("hidden", rules(in_segment("inSegment", "a")))],
            &[("a", equals("b", "c"))],
        );
        let shown = text(&client(&full, &[]));
        assert_eq!(
            shown,
            r#"{"schema_version":1,"environment":"prod","version":7,"published_at":"2026-11-21T10:00:00Z","experiments":[]}"#
        );
    }

    /// A page cannot know what it was given in an experiment that it does not have.
    #[test]
    fn a_prerequisite_that_pages_do_not_have_lets_nobody_in() {
        let mut page = experiment("page", Vec::new());
        page.prerequisites =
            vec![PrerequisiteDocument { experiment: "hidden".to_owned(), variants: vec!["on".to_owned()] }];
        let full = document(vec![experiment("hidden", Vec::new()), page], &[]);
        let reason = |document: &SnapshotDocument| {
            let snapshot = Snapshot::load(text(document).as_bytes()).unwrap();
            let (context, mut scratch) = (Context::from_json("{}").unwrap(), Scratch::new());
            let subject = Subject::new("user-123", &context).unwrap();
            let page = snapshot.experiment("page").unwrap();
            Evaluation::new(&snapshot, &subject, &mut scratch).decide(page).reason.name()
        };
        assert_eq!(reason(&full), "SPLIT");
        assert_eq!(reason(&client(&full, &["page"])), "PREREQUISITE_FAILED");
        assert_eq!(reason(&client(&full, &["hidden", "page"])), "SPLIT");
    }
}
